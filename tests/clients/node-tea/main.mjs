// The steps of the matrix through @alicloud/ecs20140526: a generated client, typed models,
// version 3 signatures, ClientError and ServerError for refusals.

import ecs from '@alicloud/ecs20140526';
import { $OpenApiUtil, AlibabaCloudError } from '@alicloud/openapi-core';

import { equal, finish, refused, step, version } from '../lib/node/checks.mjs';
import * as emulator from '../lib/node/emulator.mjs';
import { IMAGE, REGION, SECURITY_GROUP, VSWITCH, advance } from '../lib/node/emulator.mjs';
import * as refusals from '../lib/node/refusals.mjs';

// The package is a CommonJS one, whose own default export an ES module gets by this name.
const { default: Client } = ecs;

function connect(accessKeyId, accessKeySecret) {
  return new Client(
    new $OpenApiUtil.Config({
      accessKeyId,
      accessKeySecret,
      regionId: REGION,
      endpoint: emulator.ENDPOINT,
      protocol: 'http',
    }),
  );
}

// The message of the error is `CODE: code: STATUS, MESSAGE request id: ID`; the answer's own fields
// are in `data`.
function read(error) {
  if (!(error instanceof AlibabaCloudError)) {
    throw error;
  }
  return {
    status: error.statusCode,
    code: error.code,
    message: error.data.Message,
    requestId: error.requestId,
  };
}

const client = connect(emulator.KEY_ID, emulator.KEY_SECRET);

async function runInstance(parameters) {
  const request = new ecs.RunInstancesRequest({
    regionId: REGION,
    imageId: IMAGE,
    instanceType: 'ecs.g6.large',
    vSwitchId: VSWITCH,
    securityGroupId: SECURITY_GROUP,
    ...parameters,
  });
  const { body } = await client.runInstances(request);
  const [instanceId] = body.instanceIdSets.instanceIdSet;
  return instanceId;
}

async function describe(instanceId, as = client) {
  const request = new ecs.DescribeInstancesRequest({
    regionId: REGION,
    instanceIds: JSON.stringify([instanceId]),
  });
  const { body } = await as.describeInstances(request);
  return body;
}

async function shown(instanceId) {
  const body = await describe(instanceId);
  const [instance] = body.instances.instance;
  return instance;
}

function modify(instanceId, instanceType) {
  return client.modifyInstanceSpec(new ecs.ModifyInstanceSpecRequest({ instanceId, instanceType }));
}

function modifyNetwork(instanceId, mbps) {
  const request = new ecs.ModifyInstanceNetworkSpecRequest({
    instanceId,
    internetMaxBandwidthOut: mbps,
  });
  return client.modifyInstanceNetworkSpec(request);
}

function start(instanceId) {
  return client.startInstance(new ecs.StartInstanceRequest({ instanceId }));
}

function stop(instanceId, as = client) {
  return as.stopInstance(new ecs.StopInstanceRequest({ instanceId }));
}

version('@alicloud/ecs20140526', '@alicloud/openapi-core');

let web;

await step('create', async () => {
  web = await runInstance({
    internetMaxBandwidthOut: 5,
    instanceName: 'node-tea',
    tag: [new ecs.RunInstancesRequestTag({ key: 'client', value: 'node-tea' })],
  });
  equal('beginning of the id', web.slice(0, 2), 'i-');
  await advance('10s');
});

await step('describe', async () => {
  const body = await describe(web);
  equal('RequestId', body.requestId, await emulator.latestRequestId());
  equal('TotalCount', body.totalCount, 1);
  const [instance] = body.instances.instance;
  equal('InstanceId', instance.instanceId, web);
  equal('InstanceName', instance.instanceName, 'node-tea');
  equal('Status', instance.status, 'Running');
  equal('InstanceType', instance.instanceType, 'ecs.g6.large');
  equal('Cpu', instance.cpu, 2);
  equal('Memory', instance.memory, 8192);
  equal('InternetMaxBandwidthOut', instance.internetMaxBandwidthOut, 5);
  equal('IoOptimized', instance.ioOptimized, true);
  equal('SecurityGroupIds', instance.securityGroupIds.securityGroupId, [SECURITY_GROUP]);
  equal('VSwitchId', instance.vpcAttributes.vSwitchId, VSWITCH);
  const tags = instance.tags.tag.map(({ tagKey, tagValue }) => [tagKey, tagValue]);
  equal('Tags', tags, [['client', 'node-tea']]);
});

await step('state', async () => {
  await refused(() => modify(web, 'ecs.g6.xlarge'), read, refusals.NOT_STOPPED);
});

await step('stop', async () => {
  await stop(web);
  await advance('10s');
  equal('Status', (await shown(web)).status, 'Stopped');
});

await step('modify', async () => {
  await modify(web, 'ecs.g6.xlarge');
  const { cpu, memory } = await shown(web);
  equal('Cpu', cpu, 4);
  equal('Memory', memory, 16384);
});

await step('start', async () => {
  await start(web);
  await advance('10s');
  equal('Status', (await shown(web)).status, 'Running');
});

await step('network', async () => {
  await modifyNetwork(web, 20);
  equal('InternetMaxBandwidthOut', (await shown(web)).internetMaxBandwidthOut, 20);
});

await step('prepay', async () => {
  const prepaid = await runInstance({
    instanceChargeType: 'PrePaid',
    period: 1,
    periodUnit: 'Month',
  });
  await advance('10s');
  await stop(prepaid);
  await advance('10s');
  const request = new ecs.ModifyPrepayInstanceSpecRequest({
    regionId: REGION,
    instanceId: prepaid,
    instanceType: 'ecs.g6.xlarge',
  });
  const { body } = await client.modifyPrepayInstanceSpec(request);
  equal('kind of the order', (await emulator.order(body.orderId)).kind, 'upgrade');
  await advance('10s');
  equal('InstanceType', (await shown(prepaid)).instanceType, 'ecs.g6.xlarge');
});

await step('parameter', async () => {
  await refused(() => modifyNetwork(web, 999), read, refusals.BANDWIDTH);
});

await step('forbidden', async () => {
  const reader = connect(emulator.READER_ID, emulator.READER_SECRET);
  const error = await refused(() => stop(web, reader), read, refusals.FORBIDDEN);
  equal('AuthAction', error.accessDeniedDetail.AuthAction, 'ecs:StopInstance');
  equal('TotalCount', (await describe(web, reader)).totalCount, 1);
});

await step('missing', async () => {
  await refused(() => stop('i-nowhere'), read, refusals.NOT_FOUND);
});

await step('secret', async () => {
  const badlySigning = connect(emulator.KEY_ID, 'another-secret');
  await refused(() => describe(web, badlySigning), read, refusals.SIGNATURE);
});

await step('internal', () =>
  emulator.withFault('ModifyInstanceSpec', 'INTERNAL', async () => {
    await refused(() => modify(web, 'ecs.g6.2xlarge'), read, refusals.INTERNAL);
  }),
);

await step('unavailable', () =>
  emulator.withFault('DescribeInstances', 'UNAVAILABLE', async () => {
    await refused(() => describe(web), read, refusals.UNAVAILABLE);
  }),
);

finish();
