// The steps of the matrix through darabonba-openapi, the runtime of the generated Go clients:
// version 3 signatures, fields behind pointers, *tea.SDKError for refusals. The generated client
// itself, ecs-20140526, could not be had where this was written; models.go stands in for it.
package main

import (
	"encoding/json"
	"maps"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/tea"

	"ecs-local/matrix/checks"
	"ecs-local/matrix/emulator"
)

func connect(keyID, keySecret string) *openapi.Client {
	return checks.MustGet(openapi.NewClient(&openapi.Config{
		AccessKeyId:     tea.String(keyID),
		AccessKeySecret: tea.String(keySecret),
		RegionId:        tea.String(emulator.Region),
		Endpoint:        tea.String(emulator.Endpoint),
		Protocol:        tea.String("http"),
	}))
}

// read takes the answer's own fields out of Data; the error's Message is
// `code: STATUS, MESSAGE request id: ID`.
func read(err error) checks.Refusal {
	refusal, ok := err.(*tea.SDKError)
	if !ok {
		panic(err)
	}
	var data struct{ Message, RequestId string }
	checks.Must(json.Unmarshal([]byte(tea.StringValue(refusal.Data)), &data))
	return checks.Refusal{
		Status:    tea.IntValue(refusal.StatusCode),
		Code:      tea.StringValue(refusal.Code),
		Message:   data.Message,
		RequestID: data.RequestId,
	}
}

// refused is for calls that this client makes once: by default it repeats none.
func refused(call func() error, wanted checks.Refusal) {
	checks.Refused(call, read, wanted, 1)
}

func runInstance(client *openapi.Client, more parameters) string {
	query := parameters{
		"RegionId":        emulator.Region,
		"ImageId":         emulator.Image,
		"InstanceType":    "ecs.g6.large",
		"VSwitchId":       emulator.VSwitch,
		"SecurityGroupId": emulator.SecurityGroup,
	}
	maps.Copy(query, more)
	answer := checks.MustGet(call[runInstancesAnswer](client, "RunInstances", query))
	return tea.StringValue(checks.Only(answer.InstanceIDSets.InstanceIDSet))
}

func describe(client *openapi.Client, instanceID string) (*describeInstancesAnswer, error) {
	ids, err := json.Marshal([]string{instanceID})
	checks.Must(err)
	return call[describeInstancesAnswer](client, "DescribeInstances",
		parameters{"RegionId": emulator.Region, "InstanceIds": string(ids)})
}

func shown(client *openapi.Client, instanceID string) instance {
	return checks.Only(checks.MustGet(describe(client, instanceID)).Instances.Instance)
}

func start(client *openapi.Client, instanceID string) error {
	_, err := call[emptyAnswer](client, "StartInstance", parameters{"InstanceId": instanceID})
	return err
}

func stop(client *openapi.Client, instanceID string) error {
	_, err := call[emptyAnswer](client, "StopInstance", parameters{"InstanceId": instanceID})
	return err
}

func modify(client *openapi.Client, instanceID, instanceType string) error {
	_, err := call[emptyAnswer](client, "ModifyInstanceSpec",
		parameters{"InstanceId": instanceID, "InstanceType": instanceType})
	return err
}

func modifyNetwork(client *openapi.Client, instanceID string, mbps int) error {
	_, err := call[emptyAnswer](client, "ModifyInstanceNetworkSpec",
		parameters{"InstanceId": instanceID, "InternetMaxBandwidthOut": mbps})
	return err
}

// modifyPrepaid gives the id of the order.
func modifyPrepaid(client *openapi.Client, instanceID, instanceType string) string {
	query := parameters{
		"RegionId":     emulator.Region,
		"InstanceId":   instanceID,
		"InstanceType": instanceType,
	}
	answer := checks.MustGet(
		call[modifyPrepayInstanceSpecAnswer](client, "ModifyPrepayInstanceSpec", query))
	return tea.StringValue(answer.OrderID)
}

func main() {
	checks.Version(
		"github.com/alibabacloud-go/darabonba-openapi/v2", "github.com/alibabacloud-go/tea")
	client := connect(emulator.KeyID, emulator.KeySecret)

	var web string

	checks.Step("create", func() {
		web = runInstance(client, parameters{
			"InternetMaxBandwidthOut": 5,
			"InstanceName":            "go-tea",
			"Tag":                     []parameters{{"Key": "client", "Value": "go-tea"}},
		})
		checks.Equal("beginning of the id", web[:2], "i-")
		emulator.Advance("10s")
	})

	checks.Step("describe", func() {
		answer := checks.MustGet(describe(client, web))
		checks.Equal("RequestId", tea.StringValue(answer.RequestID), emulator.LatestRequestID())
		checks.Equal("TotalCount", tea.Int32Value(answer.TotalCount), 1)
		instance := checks.Only(answer.Instances.Instance)
		mbps := tea.Int32Value(instance.InternetMaxBandwidthOut)
		groups := tea.StringSliceValue(instance.SecurityGroupIDs.SecurityGroupID)
		vSwitch := tea.StringValue(instance.VpcAttributes.VSwitchID)
		tag := checks.Only(instance.Tags.Tag)
		checks.Equal("InstanceId", tea.StringValue(instance.InstanceID), web)
		checks.Equal("InstanceName", tea.StringValue(instance.InstanceName), "go-tea")
		checks.Equal("Status", tea.StringValue(instance.Status), "Running")
		checks.Equal("InstanceType", tea.StringValue(instance.InstanceType), "ecs.g6.large")
		checks.Equal("Cpu", tea.Int32Value(instance.CPU), 2)
		checks.Equal("Memory", tea.Int32Value(instance.Memory), 8192)
		checks.Equal("InternetMaxBandwidthOut", mbps, 5)
		checks.Equal("IoOptimized", tea.BoolValue(instance.IoOptimized), true)
		checks.Equal("SecurityGroupIds", groups, []string{emulator.SecurityGroup})
		checks.Equal("VSwitchId", vSwitch, emulator.VSwitch)
		checks.Equal("TagKey", tea.StringValue(tag.TagKey), "client")
		checks.Equal("TagValue", tea.StringValue(tag.TagValue), "go-tea")
	})

	checks.Step("state", func() {
		refused(func() error { return modify(client, web, "ecs.g6.xlarge") }, checks.NotStopped)
	})

	checks.Step("stop", func() {
		checks.Must(stop(client, web))
		emulator.Advance("10s")
		checks.Equal("Status", tea.StringValue(shown(client, web).Status), "Stopped")
	})

	checks.Step("modify", func() {
		checks.Must(modify(client, web, "ecs.g6.xlarge"))
		instance := shown(client, web)
		checks.Equal("Cpu", tea.Int32Value(instance.CPU), 4)
		checks.Equal("Memory", tea.Int32Value(instance.Memory), 16384)
	})

	checks.Step("start", func() {
		checks.Must(start(client, web))
		emulator.Advance("10s")
		checks.Equal("Status", tea.StringValue(shown(client, web).Status), "Running")
	})

	checks.Step("network", func() {
		checks.Must(modifyNetwork(client, web, 20))
		got := shown(client, web).InternetMaxBandwidthOut
		checks.Equal("InternetMaxBandwidthOut", tea.Int32Value(got), 20)
	})

	checks.Step("prepay", func() {
		prepaid := runInstance(client, parameters{
			"InstanceChargeType": "PrePaid",
			"Period":             1,
			"PeriodUnit":         "Month",
		})
		emulator.Advance("10s")
		checks.Must(stop(client, prepaid))
		emulator.Advance("10s")
		order := modifyPrepaid(client, prepaid, "ecs.g6.xlarge")
		checks.Equal("kind of the order", emulator.OrderKind(order), "upgrade")
		emulator.Advance("10s")
		got := shown(client, prepaid).InstanceType
		checks.Equal("InstanceType", tea.StringValue(got), "ecs.g6.xlarge")
	})

	checks.Step("parameter", func() {
		refused(func() error { return modifyNetwork(client, web, 999) }, checks.Bandwidth)
	})

	checks.Step("forbidden", func() {
		reader := connect(emulator.ReaderID, emulator.ReaderSecret)
		refused(func() error { return stop(reader, web) }, checks.Forbidden)
		got := checks.MustGet(describe(reader, web)).TotalCount
		checks.Equal("TotalCount", tea.Int32Value(got), 1)
	})

	checks.Step("missing", func() {
		refused(func() error { return stop(client, "i-nowhere") }, checks.NotFound)
	})

	checks.Step("secret", func() {
		badlySigning := connect(emulator.KeyID, "another-secret")
		refused(func() error {
			_, err := describe(badlySigning, web)
			return err
		}, checks.Signature)
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
		})
	})

	checks.Finish()
}
