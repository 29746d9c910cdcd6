// The steps of the matrix through alibaba-cloud-sdk-go: generated request and response types,
// version 1 signatures, *errors.ServerError for refusals. It panics on an error body whose fields
// have other types than in the cloud, so each refusal that is read here is well-formed.
package main

import (
	"encoding/json"

	"github.com/aliyun/alibaba-cloud-sdk-go/sdk"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/auth/credentials"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/endpoints"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/errors"
	"github.com/aliyun/alibaba-cloud-sdk-go/sdk/requests"
	"github.com/aliyun/alibaba-cloud-sdk-go/services/ecs"

	"ecs-local/matrix/checks"
	"ecs-local/matrix/emulator"
)

func connect(keyID, keySecret string, config *sdk.Config) *ecs.Client {
	credential := credentials.NewAccessKeyCredential(keyID, keySecret)
	return checks.MustGet(ecs.NewClientWithOptions(emulator.Region, config, credential))
}

func read(err error) checks.Refusal {
	refusal, ok := err.(*errors.ServerError)
	if !ok {
		panic(err)
	}
	return checks.Refusal{
		Status:    refusal.HttpStatus(),
		Code:      refusal.ErrorCode(),
		Message:   refusal.Message(),
		RequestID: refusal.RequestId(),
	}
}

// refused is for calls that this client makes once: by default it repeats none.
func refused(call func() error, wanted checks.Refusal) *errors.ServerError {
	return checks.Refused(call, read, wanted, 1).(*errors.ServerError)
}

// instanceRequest is a request for one instance more; what differs is to be set.
func instanceRequest() *ecs.RunInstancesRequest {
	request := ecs.CreateRunInstancesRequest()
	request.ImageId = emulator.Image
	request.InstanceType = "ecs.g6.large"
	request.VSwitchId = emulator.VSwitch
	request.SecurityGroupId = emulator.SecurityGroup
	return request
}

func runInstance(client *ecs.Client, request *ecs.RunInstancesRequest) string {
	response := checks.MustGet(client.RunInstances(request))
	return checks.Only(response.InstanceIdSets.InstanceIdSet)
}

func describe(client *ecs.Client, instanceID string) (*ecs.DescribeInstancesResponse, error) {
	ids, err := json.Marshal([]string{instanceID})
	checks.Must(err)
	request := ecs.CreateDescribeInstancesRequest()
	request.InstanceIds = string(ids)
	return client.DescribeInstances(request)
}

func shown(client *ecs.Client, instanceID string) ecs.Instance {
	response := checks.MustGet(describe(client, instanceID))
	return checks.Only(response.Instances.Instance)
}

func start(client *ecs.Client, instanceID string) error {
	request := ecs.CreateStartInstanceRequest()
	request.InstanceId = instanceID
	_, err := client.StartInstance(request)
	return err
}

func stop(client *ecs.Client, instanceID string) error {
	request := ecs.CreateStopInstanceRequest()
	request.InstanceId = instanceID
	_, err := client.StopInstance(request)
	return err
}

func modify(client *ecs.Client, instanceID, instanceType string) error {
	request := ecs.CreateModifyInstanceSpecRequest()
	request.InstanceId = instanceID
	request.InstanceType = instanceType
	_, err := client.ModifyInstanceSpec(request)
	return err
}

func modifyNetwork(client *ecs.Client, instanceID string, mbps int) error {
	request := ecs.CreateModifyInstanceNetworkSpecRequest()
	request.InstanceId = instanceID
	request.InternetMaxBandwidthOut = requests.NewInteger(mbps)
	_, err := client.ModifyInstanceNetworkSpec(request)
	return err
}

// modifyPrepaid gives the id of the order.
func modifyPrepaid(client *ecs.Client, instanceID, instanceType string) string {
	request := ecs.CreateModifyPrepayInstanceSpecRequest()
	request.InstanceId = instanceID
	request.InstanceType = instanceType
	return checks.MustGet(client.ModifyPrepayInstanceSpec(request)).OrderId
}

func main() {
	checks.Version("github.com/aliyun/alibaba-cloud-sdk-go")
	checks.Must(endpoints.AddEndpointMapping(emulator.Region, "Ecs", emulator.Endpoint))
	client := connect(emulator.KeyID, emulator.KeySecret, sdk.NewConfig())

	var web string

	checks.Step("create", func() {
		request := instanceRequest()
		request.InternetMaxBandwidthOut = requests.NewInteger(5)
		request.InstanceName = "go-classic"
		request.Tag = &[]ecs.RunInstancesTag{{Key: "client", Value: "go-classic"}}
		web = runInstance(client, request)
		checks.Equal("beginning of the id", web[:2], "i-")
		emulator.Advance("10s")
	})

	checks.Step("describe", func() {
		response := checks.MustGet(describe(client, web))
		checks.Equal("RequestId", response.RequestId, emulator.LatestRequestID())
		checks.Equal("TotalCount", response.TotalCount, 1)
		instance := checks.Only(response.Instances.Instance)
		groups := instance.SecurityGroupIds.SecurityGroupId
		tag := checks.Only(instance.Tags.Tag)
		checks.Equal("InstanceId", instance.InstanceId, web)
		checks.Equal("InstanceName", instance.InstanceName, "go-classic")
		checks.Equal("Status", instance.Status, "Running")
		checks.Equal("InstanceType", instance.InstanceType, "ecs.g6.large")
		checks.Equal("Cpu", instance.Cpu, 2)
		checks.Equal("Memory", instance.Memory, 8192)
		checks.Equal("InternetMaxBandwidthOut", instance.InternetMaxBandwidthOut, 5)
		checks.Equal("IoOptimized", instance.IoOptimized, true)
		checks.Equal("SecurityGroupIds", groups, []string{emulator.SecurityGroup})
		checks.Equal("VSwitchId", instance.VpcAttributes.VSwitchId, emulator.VSwitch)
		checks.Equal("TagKey", tag.TagKey, "client")
		checks.Equal("TagValue", tag.TagValue, "go-classic")
	})

	checks.Step("state", func() {
		refused(func() error { return modify(client, web, "ecs.g6.xlarge") }, checks.NotStopped)
	})

	checks.Step("stop", func() {
		checks.Must(stop(client, web))
		emulator.Advance("10s")
		checks.Equal("Status", shown(client, web).Status, "Stopped")
	})

	checks.Step("modify", func() {
		checks.Must(modify(client, web, "ecs.g6.xlarge"))
		instance := shown(client, web)
		checks.Equal("Cpu", instance.Cpu, 4)
		checks.Equal("Memory", instance.Memory, 16384)
	})

	checks.Step("start", func() {
		checks.Must(start(client, web))
		emulator.Advance("10s")
		checks.Equal("Status", shown(client, web).Status, "Running")
	})

	checks.Step("network", func() {
		checks.Must(modifyNetwork(client, web, 20))
		got := shown(client, web).InternetMaxBandwidthOut
		checks.Equal("InternetMaxBandwidthOut", got, 20)
	})

	checks.Step("prepay", func() {
		request := instanceRequest()
		request.InstanceChargeType = "PrePaid"
		request.Period = requests.NewInteger(1)
		request.PeriodUnit = "Month"
		prepaid := runInstance(client, request)
		emulator.Advance("10s")
		checks.Must(stop(client, prepaid))
		emulator.Advance("10s")
		order := modifyPrepaid(client, prepaid, "ecs.g6.xlarge")
		checks.Equal("kind of the order", emulator.OrderKind(order), "upgrade")
		emulator.Advance("10s")
		checks.Equal("InstanceType", shown(client, prepaid).InstanceType, "ecs.g6.xlarge")
	})

	checks.Step("parameter", func() {
		refused(func() error { return modifyNetwork(client, web, 999) }, checks.Bandwidth)
	})

	checks.Step("forbidden", func() {
		reader := connect(emulator.ReaderID, emulator.ReaderSecret, sdk.NewConfig())
		refusal := refused(func() error { return stop(reader, web) }, checks.Forbidden)
		action := refusal.AccessDeniedDetail()["AuthAction"]
		checks.Equal[any]("AuthAction", action, "ecs:StopInstance")
		checks.Equal("TotalCount", checks.MustGet(describe(reader, web)).TotalCount, 1)
	})

	checks.Step("missing", func() {
		refused(func() error { return stop(client, "i-nowhere") }, checks.NotFound)
	})

	checks.Step("secret", func() {
		badlySigning := connect(emulator.KeyID, "another-secret", sdk.NewConfig())
		refusal := refused(func() error {
			_, err := describe(badlySigning, web)
			return err
		}, checks.Signature)
		// The client's own words, in place of the answer's, where both sides signed the same string.
		checks.Equal("Recommend", refusal.Recommend(),
			"InvalidAccessKeySecret: Please check you AccessKeySecret")
	})

	checks.Step("internal", func() {
		emulator.WithFault("ModifyInstanceSpec", "INTERNAL", func() {
			refused(func() error { return modify(client, web, "ecs.g6.2xlarge") }, checks.Internal)
		})
	})

	checks.Step("unavailable", func() {
		emulator.WithFault("DescribeInstances", "UNAVAILABLE", func() {
			refused(func() error {
				_, err := describe(client, web)
				return err
			}, checks.Unavailable)

			config := sdk.NewConfig().WithAutoRetry(true).WithMaxRetryTime(3)
			repeating := connect(emulator.KeyID, emulator.KeySecret, config)
			before := emulator.Calls().Total
			_, err := describe(repeating, web)
			checks.Equal("Code with AutoRetry", read(err).Code, checks.Unavailable.Code)
			checks.Equal("calls with AutoRetry", emulator.Calls().Total-before, 4)
		})
	})

	checks.Finish()
}
