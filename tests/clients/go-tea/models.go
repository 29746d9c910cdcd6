// The part of ECS that the steps need: a client with one method for each call, and the answers as
// typed models, in the manner of the generated clients that stand on darabonba-openapi.

package main

import (
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
)

type instance struct {
	InstanceID              *string `json:"InstanceId"`
	InstanceName            *string `json:"InstanceName"`
	Status                  *string `json:"Status"`
	InstanceType            *string `json:"InstanceType"`
	CPU                     *int32  `json:"Cpu"`
	Memory                  *int32  `json:"Memory"`
	InternetMaxBandwidthOut *int32  `json:"InternetMaxBandwidthOut"`
	IoOptimized             *bool   `json:"IoOptimized"`
	SecurityGroupIDs        struct {
		SecurityGroupID []*string `json:"SecurityGroupId"`
	} `json:"SecurityGroupIds"`
	VpcAttributes struct {
		VSwitchID *string `json:"VSwitchId"`
	} `json:"VpcAttributes"`
	Tags struct {
		Tag []struct {
			TagKey   *string `json:"TagKey"`
			TagValue *string `json:"TagValue"`
		} `json:"Tag"`
	} `json:"Tags"`
}

type describeInstancesAnswer struct {
	RequestID  *string `json:"RequestId"`
	TotalCount *int32  `json:"TotalCount"`
	Instances  struct {
		Instance []instance `json:"Instance"`
	} `json:"Instances"`
}

type runInstancesAnswer struct {
	InstanceIDSets struct {
		InstanceIDSet []*string `json:"InstanceIdSet"`
	} `json:"InstanceIdSets"`
}

type modifyPrepayInstanceSpecAnswer struct {
	OrderID *string `json:"OrderId"`
}

type emptyAnswer struct{}

// parameters are those of one call, under the API's own names; lists and objects may be in it.
type parameters map[string]any

// call makes one call, as every operation of ECS is made: the parameters in the query of a POST.
func call[T any](client *openapi.Client, action string, query parameters) (*T, error) {
	params := &openapi.Params{
		Action:      tea.String(action),
		Version:     tea.String("2014-05-26"),
		Protocol:    tea.String("HTTPS"), // the client's own protocol goes before it
		Pathname:    tea.String("/"),
		Method:      tea.String("POST"),
		AuthType:    tea.String("AK"),
		Style:       tea.String("RPC"),
		ReqBodyType: tea.String("formData"),
		BodyType:    tea.String("json"),
	}
	request := &openapi.OpenApiRequest{Query: openapiutil.Query(query)}
	result, err := client.CallApi(params, request, &dara.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	answer := new(T)
	return answer, tea.Convert(result["body"], answer)
}
