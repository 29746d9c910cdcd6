// The steps of the matrix through ecs20140526: a generated client, typed models, version 3
// signatures, TeaException for refusals.

import static matrix.Checks.equal;
import static matrix.Checks.only;
import static matrix.Checks.step;
import static matrix.Emulator.advance;

import com.aliyun.ecs20140526.Client;
import com.aliyun.ecs20140526.models.DescribeInstancesRequest;
import com.aliyun.ecs20140526.models.DescribeInstancesResponseBody;
import com.aliyun.ecs20140526.models.DescribeInstancesResponseBody.*;
import com.aliyun.ecs20140526.models.ModifyInstanceNetworkSpecRequest;
import com.aliyun.ecs20140526.models.ModifyInstanceSpecRequest;
import com.aliyun.ecs20140526.models.ModifyPrepayInstanceSpecRequest;
import com.aliyun.ecs20140526.models.RunInstancesRequest;
import com.aliyun.ecs20140526.models.RunInstancesRequest.RunInstancesRequestTag;
import com.aliyun.ecs20140526.models.StartInstanceRequest;
import com.aliyun.ecs20140526.models.StopInstanceRequest;
import com.aliyun.tea.TeaException;
import com.aliyun.teaopenapi.models.Config;
import com.google.gson.Gson;
import java.util.List;
import matrix.Checks;
import matrix.Checks.Shown;
import matrix.Emulator;
import matrix.Refusal;
import matrix.Task;

public final class Main {
    private static Client client;
    private static String web;

    private Main() {}

    private static Client connect(String keyId, String keySecret) throws Exception {
        return new Client(new Config()
                .setAccessKeyId(keyId)
                .setAccessKeySecret(keySecret)
                .setRegionId(Emulator.REGION)
                .setEndpoint(Emulator.ENDPOINT)
                .setProtocol("http"));
    }

    // For calls that this client makes once: by default it repeats none.
    private static TeaException refused(Task call, Refusal wanted) throws Exception {
        TeaException error = Checks.refused(call, TeaException.class, Main::read, wanted, 1);
        equal("HTTP status", error.getStatusCode(), wanted.status());
        return error;
    }

    // The message of the exception is `code: STATUS, MESSAGE request id: ID`; the answer's own
    // fields are in its data.
    private static Shown read(TeaException error) {
        var data = error.getData();
        return new Shown(
                error.getCode(), (String) data.get("Message"), (String) data.get("RequestId"));
    }

    /** A request for one instance more; what differs is to be set. */
    private static RunInstancesRequest instanceRequest() {
        return new RunInstancesRequest()
                .setRegionId(Emulator.REGION)
                .setImageId(Emulator.IMAGE)
                .setInstanceType("ecs.g6.large")
                .setVSwitchId(Emulator.VSWITCH)
                .setSecurityGroupId(Emulator.SECURITY_GROUP);
    }

    private static String runInstance(RunInstancesRequest request) throws Exception {
        return only(client.runInstances(request).getBody().getInstanceIdSets().getInstanceIdSet());
    }

    private static DescribeInstancesResponseBody describe(String instanceId, Client as)
            throws Exception {
        var request = new DescribeInstancesRequest()
                .setRegionId(Emulator.REGION)
                .setInstanceIds(new Gson().toJson(List.of(instanceId)));
        return as.describeInstances(request).getBody();
    }

    private static DescribeInstancesResponseBodyInstancesInstance shown(String instanceId)
            throws Exception {
        return only(describe(instanceId, client).getInstances().getInstance());
    }

    private static void modify(String instanceId, String instanceType) throws Exception {
        client.modifyInstanceSpec(new ModifyInstanceSpecRequest()
                .setInstanceId(instanceId)
                .setInstanceType(instanceType));
    }

    private static void modifyNetwork(String instanceId, int mbps) throws Exception {
        client.modifyInstanceNetworkSpec(new ModifyInstanceNetworkSpecRequest()
                .setInstanceId(instanceId)
                .setInternetMaxBandwidthOut(mbps));
    }

    /** Gives the id of the order. */
    private static String modifyPrepaid(String instanceId, String instanceType) throws Exception {
        var request = new ModifyPrepayInstanceSpecRequest()
                .setRegionId(Emulator.REGION)
                .setInstanceId(instanceId)
                .setInstanceType(instanceType);
        return client.modifyPrepayInstanceSpec(request).getBody().getOrderId();
    }

    private static void start(String instanceId) throws Exception {
        client.startInstance(new StartInstanceRequest().setInstanceId(instanceId));
    }

    private static void stop(String instanceId, Client as) throws Exception {
        as.stopInstance(new StopInstanceRequest().setInstanceId(instanceId));
    }

    public static void main(String[] arguments) throws Exception {
        Checks.version(Client.class, Config.class, TeaException.class);
        client = connect(Emulator.KEY_ID, Emulator.KEY_SECRET);

        step("create", () -> {
            var tag = new RunInstancesRequestTag().setKey("client").setValue("java-tea");
            web = runInstance(instanceRequest()
                    .setInternetMaxBandwidthOut(5)
                    .setInstanceName("java-tea")
                    .setTag(List.of(tag)));
            equal("beginning of the id", web.substring(0, 2), "i-");
            advance("10s");
        });

        step("describe", () -> {
            DescribeInstancesResponseBody body = describe(web, client);
            equal("RequestId", body.getRequestId(), Emulator.calls().latestRequestId());
            equal("TotalCount", body.getTotalCount(), 1);
            var instance = only(body.getInstances().getInstance());
            List<String> groups = instance.getSecurityGroupIds().getSecurityGroupId();
            equal("InstanceId", instance.getInstanceId(), web);
            equal("InstanceName", instance.getInstanceName(), "java-tea");
            equal("Status", instance.getStatus(), "Running");
            equal("InstanceType", instance.getInstanceType(), "ecs.g6.large");
            equal("Cpu", instance.getCpu(), 2);
            equal("Memory", instance.getMemory(), 8192);
            equal("InternetMaxBandwidthOut", instance.getInternetMaxBandwidthOut(), 5);
            equal("IoOptimized", instance.getIoOptimized(), true);
            equal("SecurityGroupIds", groups, List.of(Emulator.SECURITY_GROUP));
            equal("VSwitchId", instance.getVpcAttributes().getVSwitchId(), Emulator.VSWITCH);
            var tag = only(instance.getTags().getTag());
            equal("TagKey", tag.getTagKey(), "client");
            equal("TagValue", tag.getTagValue(), "java-tea");
        });

        step("state", () -> refused(() -> modify(web, "ecs.g6.xlarge"), Refusal.NOT_STOPPED));

        step("stop", () -> {
            stop(web, client);
            advance("10s");
            equal("Status", shown(web).getStatus(), "Stopped");
        });

        step("modify", () -> {
            modify(web, "ecs.g6.xlarge");
            var instance = shown(web);
            equal("Cpu", instance.getCpu(), 4);
            equal("Memory", instance.getMemory(), 16384);
        });

        step("start", () -> {
            start(web);
            advance("10s");
            equal("Status", shown(web).getStatus(), "Running");
        });

        step("network", () -> {
            modifyNetwork(web, 20);
            equal("InternetMaxBandwidthOut", shown(web).getInternetMaxBandwidthOut(), 20);
        });

        step("prepay", () -> {
            String prepaid = runInstance(instanceRequest()
                    .setInstanceChargeType("PrePaid")
                    .setPeriod(1)
                    .setPeriodUnit("Month"));
            advance("10s");
            stop(prepaid, client);
            advance("10s");
            String order = modifyPrepaid(prepaid, "ecs.g6.xlarge");
            equal("kind of the order", Emulator.orderKind(order), "upgrade");
            advance("10s");
            equal("InstanceType", shown(prepaid).getInstanceType(), "ecs.g6.xlarge");
        });

        step("parameter", () -> refused(() -> modifyNetwork(web, 999), Refusal.BANDWIDTH));

        step("forbidden", () -> {
            Client reader = connect(Emulator.READER_ID, Emulator.READER_SECRET);
            TeaException error = refused(() -> stop(web, reader), Refusal.FORBIDDEN);
            Object action = error.getAccessDeniedDetail().get("AuthAction");
            equal("AuthAction", action, "ecs:StopInstance");
            equal("TotalCount", describe(web, reader).getTotalCount(), 1);
        });

        step("missing", () -> refused(() -> stop("i-nowhere", client), Refusal.NOT_FOUND));

        step("secret", () -> {
            Client badlySigning = connect(Emulator.KEY_ID, "another-secret");
            refused(() -> describe(web, badlySigning), Refusal.SIGNATURE);
        });

        step("internal", () -> Emulator.withFault("ModifyInstanceSpec", "INTERNAL", () ->
                refused(() -> modify(web, "ecs.g6.2xlarge"), Refusal.INTERNAL)));

        step("unavailable", () -> Emulator.withFault("DescribeInstances", "UNAVAILABLE", () ->
                refused(() -> describe(web, client), Refusal.UNAVAILABLE)));

        Checks.finish();
    }
}
