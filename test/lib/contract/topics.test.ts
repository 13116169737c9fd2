import {
  basicIngestTopic,
  CLUSTER_ID,
  ingestedReadingTopic,
  lateFilter,
  lateTopic,
  nodeTopic,
  TOPIC_LEVEL,
  thingName,
  topicFilter,
} from "../../../lib/contract/topics.ts";

test("a node's topics -> the root, the channel, the cluster, the node", () => {
  expect(nodeTopic("reading", "kitchen", 0)).toBe("rosie/reading/kitchen/0");
  expect(nodeTopic("event", "shed-2", 7)).toBe("rosie/event/shed-2/7");
});

test("a channel's filter -> one wildcard for the cluster, one for the node", () => {
  expect(topicFilter("event")).toBe("rosie/event/+/+");
});

test("a topic of Basic Ingest -> the rule, and then the topic as the rule sees it", () => {
  expect(basicIngestTopic("ha2m_readings", nodeTopic("reading", "kitchen", 0))).toBe(
    "$aws/rules/ha2m_readings/rosie/reading/kitchen/0",
  );
});

test("a reading that is handed in late -> a topic of its own, which no reading or event has", () => {
  const topic = lateTopic(nodeTopic("reading", "kitchen", 0, "home"));
  expect(topic).toBe("home/late/kitchen/0");
  expect(lateFilter("home")).toBe("home/late/+/+");
  expect(lateTopic(topic ?? "")).toBe(topic);
  expect(lateTopic(nodeTopic("event", "kitchen", 0))).toBeUndefined();
  expect(["rosie/reading/kitchen", "t", ""].map(lateTopic)).toEqual([undefined, undefined, undefined]);
});

test("levels counted from 1 -> point at the cluster and the node of a topic", () => {
  const levels = nodeTopic("reading", "shed-2", 5).split("/");
  expect([levels[TOPIC_LEVEL.cluster - 1], levels[TOPIC_LEVEL.node - 1]]).toEqual(["shed-2", "5"]);
});

test("a thing's name -> cluster and node", () => {
  expect(thingName("shed-2", 0)).toBe("shed-2-0");
});

describe("in a deployment that has a name", () => {
  test("a node's topics -> begin with it", () => {
    expect(nodeTopic("reading", "kitchen", 0, "home")).toBe("home/reading/kitchen/0");
    expect(topicFilter("event", "home")).toBe("home/event/+/+");
    expect(ingestedReadingTopic(nodeTopic("reading", "kitchen", 0, "home"), "home")).toBe(
      "$aws/rules/home_readings/home/reading/kitchen/0",
    );
  });

  test("a thing -> is no thing of a cluster that is called so", () => {
    expect(thingName("kitchen", 0, "home")).toBe("home_kitchen-0");
    expect(thingName("home-kitchen", 0)).toBe("home-kitchen-0");
  });
});

test.each(["kitchen", "a", "shed-2", `a${"b".repeat(31)}`])("cluster id %s -> valid", (id) => {
  expect(id).toMatch(CLUSTER_ID);
});

test.each(["", "Kitchen", "2shed", "shed-", "-shed", "a/b", "a+", "a b", `a${"b".repeat(32)}`, "a\n"])(
  "cluster id %p -> refused",
  (id) => {
    expect(id).not.toMatch(CLUSTER_ID);
  },
);
