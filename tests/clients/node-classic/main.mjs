// The steps of the matrix through @alicloud/pop-core: actions by name, plain objects for parameters
// and answers, version 1 signatures, an Error of its own making for refusals. Its calls are GETs;
// some here go by POST instead, which moves every parameter into a form.

import RPCClient from '@alicloud/pop-core';

import { equal, finish, refused, step, version } from '../lib/node/checks.mjs';
import * as emulator from '../lib/node/emulator.mjs';
import { IMAGE, REGION, SECURITY_GROUP, VSWITCH, advance } from '../lib/node/emulator.mjs';
import * as refusals from '../lib/node/refusals.mjs';

const ENDPOINT = `http://${emulator.ENDPOINT}`;
const POST = { method: 'POST' };

function connect(accessKeyId, accessKeySecret) {
  return new RPCClient({
    endpoint: ENDPOINT,
    apiVersion: '2014-05-26',
    accessKeyId,
    accessKeySecret,
  });
}

// The answer's own fields are in `data`; an error without them is none of the emulator's. (The
// client looks at `Code` alone to know a refusal, but keeps the HTTP status.)
function read(error) {
  if (!error.data) {
    throw error;
  }
  return {
    status: error.entry.response.statusCode,
    code: error.code,
    message: error.data.Message,
    requestId: error.data.RequestId,
  };
}

const client = connect(emulator.KEY_ID, emulator.KEY_SECRET);

async function runInstance(parameters, options) {
  const answer = await client.request(
    'RunInstances',
    {
      RegionId: REGION,
      ImageId: IMAGE,
      InstanceType: 'ecs.g6.large',
      VSwitchId: VSWITCH,
      SecurityGroupId: SECURITY_GROUP,
      ...parameters,
    },
    options,
  );
  const [instanceId] = answer.InstanceIdSets.InstanceIdSet;
  return instanceId;
}

function describe(instanceId, as = client) {
  return as.request('DescribeInstances', {
    RegionId: REGION,
    InstanceIds: JSON.stringify([instanceId]),
  });
}

async function shown(instanceId) {
  const answer = await describe(instanceId);
  const [instance] = answer.Instances.Instance;
  return instance;
}

function modify(instanceId, instanceType, options) {
  const parameters = { InstanceId: instanceId, InstanceType: instanceType };
  return client.request('ModifyInstanceSpec', parameters, options);
}

function modifyNetwork(instanceId, mbps) {
  return client.request('ModifyInstanceNetworkSpec', {
    InstanceId: instanceId,
    InternetMaxBandwidthOut: mbps,
  });
}

function start(instanceId) {
  return client.request('StartInstance', { InstanceId: instanceId });
}

function stop(instanceId, as = client, options) {
  return as.request('StopInstance', { InstanceId: instanceId }, options);
}

version('@alicloud/pop-core');

let web;

await step('create', async () => {
  const parameters = {
    InternetMaxBandwidthOut: 5,
    InstanceName: 'node-classic',
    Tag: [{ Key: 'client', Value: 'node-classic' }],
  };
  web = await runInstance(parameters, POST);
  equal('beginning of the id', web.slice(0, 2), 'i-');
  await advance('10s');
});

await step('describe', async () => {
  const answer = await describe(web);
  equal('RequestId', answer.RequestId, await emulator.latestRequestId());
  equal('TotalCount', answer.TotalCount, 1);
  const [instance] = answer.Instances.Instance;
  equal('InstanceId', instance.InstanceId, web);
  equal('InstanceName', instance.InstanceName, 'node-classic');
  equal('Status', instance.Status, 'Running');
  equal('InstanceType', instance.InstanceType, 'ecs.g6.large');
  equal('Cpu', instance.Cpu, 2);
  equal('Memory', instance.Memory, 8192);
  equal('InternetMaxBandwidthOut', instance.InternetMaxBandwidthOut, 5);
  equal('IoOptimized', instance.IoOptimized, true);
  equal('SecurityGroupIds', instance.SecurityGroupIds.SecurityGroupId, [SECURITY_GROUP]);
  equal('VSwitchId', instance.VpcAttributes.VSwitchId, VSWITCH);
  const tags = instance.Tags.Tag.map(({ TagKey, TagValue }) => [TagKey, TagValue]);
  equal('Tags', tags, [['client', 'node-classic']]);
});

await step('state', async () => {
  await refused(() => modify(web, 'ecs.g6.xlarge'), read, refusals.NOT_STOPPED);
});

await step('stop', async () => {
  await stop(web);
  await advance('10s');
  equal('Status', (await shown(web)).Status, 'Stopped');
});

await step('modify', async () => {
  await modify(web, 'ecs.g6.xlarge', POST);
  const { Cpu, Memory } = await shown(web);
  equal('Cpu', Cpu, 4);
  equal('Memory', Memory, 16384);
});

await step('start', async () => {
  await start(web);
  await advance('10s');
  equal('Status', (await shown(web)).Status, 'Running');
});

await step('network', async () => {
  await modifyNetwork(web, 20);
  equal('InternetMaxBandwidthOut', (await shown(web)).InternetMaxBandwidthOut, 20);
});

await step('prepay', async () => {
  const prepaid = await runInstance({
    InstanceChargeType: 'PrePaid',
    Period: 1,
    PeriodUnit: 'Month',
  });
  await advance('10s');
  await stop(prepaid);
  await advance('10s');
  const { OrderId } = await client.request('ModifyPrepayInstanceSpec', {
    RegionId: REGION,
    InstanceId: prepaid,
    InstanceType: 'ecs.g6.xlarge',
  });
  equal('kind of the order', (await emulator.order(OrderId)).kind, 'upgrade');
  await advance('10s');
  equal('InstanceType', (await shown(prepaid)).InstanceType, 'ecs.g6.xlarge');
});

await step('parameter', async () => {
  await refused(() => modifyNetwork(web, 999), read, refusals.BANDWIDTH);
});

await step('forbidden', async () => {
  const reader = connect(emulator.READER_ID, emulator.READER_SECRET);
  await refused(() => stop(web, reader), read, refusals.FORBIDDEN);
  equal('TotalCount', (await describe(web, reader)).TotalCount, 1);
});

await step('missing', async () => {
  const wanted = refusals.NOT_FOUND;
  const error = await refused(() => stop('i-nowhere', client, POST), read, wanted);
  // What a program sees that looks into nothing else. After a GET, the URL has all the parameters.
  equal('name', error.name, `${wanted.code}Error`);
  equal('message', error.message, `${wanted.message}, URL: ${ENDPOINT}/`);
});

await step('secret', async () => {
  const badlySigning = connect(emulator.KEY_ID, 'another-secret');
  await refused(() => describe(web, badlySigning), read, refusals.SIGNATURE);
});

await step('internal', () =>
  emulator.withFault('ModifyInstanceSpec', 'INTERNAL', async () => {
    await refused(() => modify(web, 'ecs.g6.2xlarge', POST), read, refusals.INTERNAL);
  }),
);

await step('unavailable', () =>
  emulator.withFault('DescribeInstances', 'UNAVAILABLE', async () => {
    await refused(() => describe(web), read, refusals.UNAVAILABLE);
  }),
);

finish();
