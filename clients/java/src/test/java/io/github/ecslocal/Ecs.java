// Calls to ECS as a client without an SDK makes them, and what they answer.

package io.github.ecslocal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

final class Ecs {
    static final String SUBSCRIPTION = "i-bp67acfmxazb4ph****";
    static final String NOTHING = "no-such-thing";

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();

    private Ecs() {}

    /** An answer of ECS. */
    record Reply(int status, JsonObject body) {
        String text(String name) {
            return body.get(name).getAsString();
        }
    }

    /** Calls ECS; the parameters are names and values in turn. */
    static Reply call(Account account, String action, String... parameters)
            throws IOException, InterruptedException {
        var form = new StringBuilder("Format=JSON&Action=" + action);
        form.append("&AccessKeyId=").append(escaped(account.keyId()));
        for (int i = 0; i < parameters.length; i += 2) {
            form.append('&').append(parameters[i]).append('=').append(escaped(parameters[i + 1]));
        }
        var request = HttpRequest.newBuilder(URI.create(account.emulator().url()))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form.toString()))
                .build();
        var answer = CLIENT.send(request, BodyHandlers.ofString());
        return new Reply(answer.statusCode(), Json.GSON.fromJson(answer.body(), JsonObject.class));
    }

    /** Stops i-web, which succeeds; gives the RequestId. */
    static String stop(Account account) throws Exception {
        Reply reply = call(account, "StopInstance", "InstanceId", "i-web");
        assertEquals(200, reply.status());
        return reply.text("RequestId");
    }

    /** Asks for another type of i-web, which a running instance does not take; gives the RequestId. */
    static String refused(Account account) throws Exception {
        Reply reply = call(account, "ModifyInstanceSpec",
                "InstanceId", "i-web", "InstanceType", "ecs.g6.xlarge", "Nonsense", "1");
        assertEquals("InvalidInstanceStatus.NotStopped", reply.text("Code"));
        return reply.text("RequestId");
    }

    /** Makes an order that waits for its payment, and gives its number. */
    static String order(Account account, int mbps) throws Exception {
        Reply reply = call(account, "ModifyInstanceNetworkSpec",
                "InstanceId", SUBSCRIPTION,
                "InternetMaxBandwidthOut", Integer.toString(mbps),
                "NetworkChargeType", "PayByBandwidth",
                "AutoPay", "false");
        return reply.text("OrderId");
    }

    /** Makes an instance, and gives its id. */
    static String create(Account account) throws Exception {
        Reply reply = call(account, "RunInstances",
                "RegionId", "cn-hangzhou",
                "InstanceType", "ecs.g6.large",
                "ImageId", "aliyun_3_x64_20G_alibase_20240528.vhd",
                "VSwitchId", "vsw-hangzhou-h",
                "SecurityGroupId", "sg-hangzhou");
        var sets = reply.body().getAsJsonObject("InstanceIdSets").getAsJsonArray("InstanceIdSet");
        return sets.get(0).getAsString();
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
