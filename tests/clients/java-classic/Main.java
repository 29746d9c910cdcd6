// The steps of the matrix through aliyun-java-sdk-core and -ecs: generated request and response
// types, version 1 signatures, ClientException and its subclass ServerException for refusals. Its
// calls are POSTs without a body, and without a Content-Length that says so.

import static matrix.Checks.equal;
import static matrix.Checks.only;
import static matrix.Checks.step;
import static matrix.Emulator.advance;

import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.auth.SignatureVersion;
import com.aliyuncs.ecs.model.v20140526.DescribeInstancesRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeInstancesResponse;
import com.aliyuncs.ecs.model.v20140526.DescribeInstancesResponse.Instance;
import com.aliyuncs.ecs.model.v20140526.ModifyInstanceNetworkSpecRequest;
import com.aliyuncs.ecs.model.v20140526.ModifyInstanceSpecRequest;
import com.aliyuncs.ecs.model.v20140526.ModifyPrepayInstanceSpecRequest;
import com.aliyuncs.ecs.model.v20140526.RunInstancesRequest;
import com.aliyuncs.ecs.model.v20140526.StartInstanceRequest;
import com.aliyuncs.ecs.model.v20140526.StopInstanceRequest;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.policy.retry.RetryPolicy;
import com.aliyuncs.profile.DefaultProfile;
import com.google.gson.Gson;
import java.util.List;
import matrix.Checks;
import matrix.Checks.Shown;
import matrix.Emulator;
import matrix.Refusal;
import matrix.Task;

public final class Main {
    // What the client makes of SIGNATURE where both sides signed the same string: words of its own.
    private static final Refusal SECRET = new Refusal(
            Refusal.SIGNATURE.status(),
            "SDK.InvalidAccessKeySecret",
            "Specified Access Key Secret is not valid.");

    private static final DefaultAcsClient CLIENT = connect(Emulator.KEY_ID, Emulator.KEY_SECRET);

    private static String web;

    private Main() {}

    private static DefaultAcsClient connect(String keyId, String keySecret) {
        DefaultProfile.addEndpoint(Emulator.REGION, "Ecs", Emulator.ENDPOINT);
        return new DefaultAcsClient(DefaultProfile.getProfile(Emulator.REGION, keyId, keySecret));
    }

    // For calls that this client makes once: by default it repeats none.
    private static ClientException refused(Task call, Refusal wanted) throws Exception {
        return refused(call, wanted, 1);
    }

    // The exception hides the HTTP status, save for its class: that is another one from 500 on.
    private static ClientException refused(Task call, Refusal wanted, int calls) throws Exception {
        var error = Checks.refused(call, ClientException.class, Main::read, wanted, calls);
        String expected = wanted.status() >= 500 ? "ServerException" : "ClientException";
        equal("class", error.getClass().getSimpleName(), expected);
        return error;
    }

    private static Shown read(ClientException error) {
        return new Shown(error.getErrCode(), error.getErrMsg(), error.getRequestId());
    }

    /** A request for one instance more; what differs is to be set. */
    private static RunInstancesRequest instanceRequest() {
        var request = new RunInstancesRequest();
        request.setImageId(Emulator.IMAGE);
        request.setInstanceType("ecs.g6.large");
        request.setVSwitchId(Emulator.VSWITCH);
        request.setSecurityGroupId(Emulator.SECURITY_GROUP);
        return request;
    }

    private static String runInstance(RunInstancesRequest request) throws ClientException {
        return only(CLIENT.getAcsResponse(request).getInstanceIdSets());
    }

    private static DescribeInstancesRequest describeRequest(String instanceId) {
        var request = new DescribeInstancesRequest();
        request.setInstanceIds(new Gson().toJson(List.of(instanceId)));
        return request;
    }

    private static DescribeInstancesResponse describe(String instanceId, DefaultAcsClient as)
            throws ClientException {
        return as.getAcsResponse(describeRequest(instanceId));
    }

    private static Instance shown(String instanceId) throws ClientException {
        return only(describe(instanceId, CLIENT).getInstances());
    }

    private static void modify(String instanceId, String instanceType) throws ClientException {
        var request = new ModifyInstanceSpecRequest();
        request.setInstanceId(instanceId);
        request.setInstanceType(instanceType);
        CLIENT.getAcsResponse(request);
    }

    private static void modifyNetwork(String instanceId, int mbps) throws ClientException {
        var request = new ModifyInstanceNetworkSpecRequest();
        request.setInstanceId(instanceId);
        request.setInternetMaxBandwidthOut(mbps);
        CLIENT.getAcsResponse(request);
    }

    /** Gives the id of the order. */
    private static String modifyPrepaid(String instanceId, String instanceType)
            throws ClientException {
        var request = new ModifyPrepayInstanceSpecRequest();
        request.setInstanceId(instanceId);
        request.setInstanceType(instanceType);
        return CLIENT.getAcsResponse(request).getOrderId();
    }

    private static void start(String instanceId) throws ClientException {
        var request = new StartInstanceRequest();
        request.setInstanceId(instanceId);
        CLIENT.getAcsResponse(request);
    }

    private static void stop(String instanceId, DefaultAcsClient as) throws ClientException {
        var request = new StopInstanceRequest();
        request.setInstanceId(instanceId);
        as.getAcsResponse(request);
    }

    public static void main(String[] arguments) throws Exception {
        Checks.version(RunInstancesRequest.class, DefaultAcsClient.class);

        step("create", () -> {
            var tag = new RunInstancesRequest.Tag();
            tag.setKey("client");
            tag.setValue("java-classic");
            RunInstancesRequest request = instanceRequest();
            request.setInternetMaxBandwidthOut(5);
            request.setInstanceName("java-classic");
            request.setTags(List.of(tag));
            web = runInstance(request);
            equal("beginning of the id", web.substring(0, 2), "i-");
            advance("10s");
        });

        step("describe", () -> {
            DescribeInstancesResponse response = describe(web, CLIENT);
            equal("RequestId", response.getRequestId(), Emulator.calls().latestRequestId());
            equal("TotalCount", response.getTotalCount(), 1);
            Instance instance = only(response.getInstances());
            List<String> groups = instance.getSecurityGroupIds();
            equal("InstanceId", instance.getInstanceId(), web);
            equal("InstanceName", instance.getInstanceName(), "java-classic");
            equal("Status", instance.getStatus(), "Running");
            equal("InstanceType", instance.getInstanceType(), "ecs.g6.large");
            equal("Cpu", instance.getCpu(), 2);
            equal("Memory", instance.getMemory(), 8192);
            equal("InternetMaxBandwidthOut", instance.getInternetMaxBandwidthOut(), 5);
            equal("IoOptimized", instance.getIoOptimized(), true);
            equal("SecurityGroupIds", groups, List.of(Emulator.SECURITY_GROUP));
            equal("VSwitchId", instance.getVpcAttributes().getVSwitchId(), Emulator.VSWITCH);
            Instance.Tag tag = only(instance.getTags());
            equal("TagKey", tag.getTagKey(), "client");
            equal("TagValue", tag.getTagValue(), "java-classic");
        });

        step("version-3", () -> {
            DefaultAcsClient newer = connect(Emulator.KEY_ID, Emulator.KEY_SECRET);
            newer.setSignatureVersion(SignatureVersion.V3);
            // With these signatures the client adds no RegionId by itself.
            DescribeInstancesRequest request = describeRequest(web);
            request.putQueryParameter("RegionId", Emulator.REGION);
            equal("TotalCount", newer.getAcsResponse(request).getTotalCount(), 1);
        });

        step("state", () -> refused(() -> modify(web, "ecs.g6.xlarge"), Refusal.NOT_STOPPED));

        step("stop", () -> {
            stop(web, CLIENT);
            advance("10s");
            equal("Status", shown(web).getStatus(), "Stopped");
        });

        step("modify", () -> {
            modify(web, "ecs.g6.xlarge");
            Instance instance = shown(web);
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
            RunInstancesRequest request = instanceRequest();
            request.setInstanceChargeType("PrePaid");
            request.setPeriod(1);
            request.setPeriodUnit("Month");
            String prepaid = runInstance(request);
            advance("10s");
            stop(prepaid, CLIENT);
            advance("10s");
            String order = modifyPrepaid(prepaid, "ecs.g6.xlarge");
            equal("kind of the order", Emulator.orderKind(order), "upgrade");
            advance("10s");
            equal("InstanceType", shown(prepaid).getInstanceType(), "ecs.g6.xlarge");
        });

        step("parameter", () -> refused(() -> modifyNetwork(web, 999), Refusal.BANDWIDTH));

        step("forbidden", () -> {
            DefaultAcsClient reader = connect(Emulator.READER_ID, Emulator.READER_SECRET);
            ClientException error = refused(() -> stop(web, reader), Refusal.FORBIDDEN);
            Object action = error.getAccessDeniedDetail().get("AuthAction");
            equal("AuthAction", action, "ecs:StopInstance");
            equal("TotalCount", describe(web, reader).getTotalCount(), 1);
        });

        step("missing", () -> refused(() -> stop("i-nowhere", CLIENT), Refusal.NOT_FOUND));

        step("secret", () -> {
            DefaultAcsClient badlySigning = connect(Emulator.KEY_ID, "another-secret");
            refused(() -> describe(web, badlySigning), SECRET);
        });

        step("internal", () -> Emulator.withFault("ModifyInstanceSpec", "INTERNAL", () ->
                refused(() -> modify(web, "ecs.g6.2xlarge"), Refusal.INTERNAL)));

        step("unavailable", () -> Emulator.withFault("DescribeInstances", "UNAVAILABLE", () -> {
            refused(() -> describe(web, CLIENT), Refusal.UNAVAILABLE);

            DefaultAcsClient repeating = connect(Emulator.KEY_ID, Emulator.KEY_SECRET);
            repeating.setSysRetryPolicy(RetryPolicy.defaultRetryPolicy(true));
            refused(() -> describe(web, repeating), Refusal.UNAVAILABLE, 4);
        }));

        Checks.finish();
    }
}
