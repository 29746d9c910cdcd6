package io.github.ecslocal;

import com.google.gson.JsonObject;
import com.google.gson.annotations.SerializedName;

/**
 * An instance and its guest.
 *
 * @param document as in world documents
 */
public record Instance(
        @SerializedName("instance_id") String id,
        Guest guest,
        @SerializedName("instance") JsonObject document) {

    /** How far it is, such as Running: the {@code status} of its document. */
    public String status() {
        return document.get("status").getAsString();
    }

    /**
     * The machine that runs, which is not the one DescribeInstances shows while a new type waits for a
     * start.
     */
    public record Guest(String instanceType, int vcpus, int memoryMib) {}
}
