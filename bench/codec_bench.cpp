// SPDX-License-Identifier: Apache-2.0
//
// What one typical event costs in lib/codec: four chains, one transfer, a payload of 216 bytes. Each row of ours has a
// `library/…` row beside it that does the same with Cap'n Proto's builders and readers.
#include "codec/frame.hpp"
#include "codec/messages.hpp"
#include "codec/wire.hpp"

#include <carnet/schema/log.capnp.h>
#include <carnet/schema/violation.capnp.h>

#include <benchmark/benchmark.h>
#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstring>
#include <optional>
#include <vector>

namespace {

using namespace carnet;
using codec::wire::Words;

kj::ArrayPtr<const capnp::word> segment_of(base::ByteSpan bytes) {
  return {reinterpret_cast<const capnp::word*>(bytes.data()), bytes.size() / sizeof(capnp::word)};
}

Words words_of(capnp::MessageBuilder& builder) {
  const auto segment = builder.getSegmentsForOutput()[0];
  Words words(segment.size());
  std::memcpy(words.data(), segment.begin(), words.size() * sizeof(std::uint64_t));
  return words;
}

Payload sample_payload() {
  capnp::MallocMessageBuilder builder;
  auto violation = builder.initRoot<schema::TrafficViolationRecorded>();
  violation.setViolationId("V2024-000123");
  violation.setParty("account/A10293");
  violation.setAuthority("MUC-POLICE");
  violation.setContractId("R-2024-9921");
  violation.setVehicleId("VEH-0921");
  violation.setViolationAt(1'700'000'000'000'000'000);
  violation.initFine().setMinor(3500);
  violation.getFine().setCurrency(0x525545);
  violation.setAuthorityRef("BY-2024-4451");
  return {words_of(builder)};
}

constexpr std::size_t kChains = 4;
const codec::StoredTransfer kTransfer{.amount = 3500, .debit = 1, .credit = 2, .rule = 4, .unit = 1, .phase = Phase::kPosted};
const codec::RuleVersion kRule{.family = 3, .version = 4};

void fill(codec::EventMessage& message) {
  message.set_type(3, 1);
  for (std::uint32_t i = 0; i < kChains; ++i) {
    message.set_chain(i, {.previous = i, .chain = i + 7, .version = 9});
  }
  message.set_transfers({&kTransfer, 1});
}

Words sample_event() {
  codec::EventMessage message;
  message.prepare(sample_payload(), kChains, {1}, {2}, {});
  fill(message);
  const base::ByteSpan bytes = message.finish();
  Words words(bytes.size() / 8);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

codec::CommitHead sample_head() {
  codec::CommitHead head;
  head.number = 1;
  head.first_position = 2;
  head.actor_id = "S-1234";
  head.rules = {&kRule, 1};
  return head;
}

Words sample_header() {
  Words words;
  codec::encode_commit_head(sample_head(), words);
  return words;
}

// ---- Ours ----

void event_prepare(benchmark::State& state) {
  const Payload payload = sample_payload();
  codec::EventMessage message;
  for (auto _ : state) {
    message.prepare(payload, kChains, {1}, {2}, {});
  }
  state.counters["payload_bytes"] = static_cast<double>(payload.words.size() * 8);
}

void event_set_and_finish(benchmark::State& state) {
  const Payload payload = sample_payload();
  codec::EventMessage message;
  message.prepare(payload, kChains, {1}, {2}, {});
  std::size_t bytes = 0;
  for (auto _ : state) {
    fill(message);
    bytes = message.finish().size();
    benchmark::ClobberMemory();
  }
  state.counters["event_bytes"] = static_cast<double>(bytes);
}

void event_read(benchmark::State& state) {
  const Words words = sample_event();
  codec::EventReader reader;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.read(codec::wire::as_bytes(words)));
  }
}

void head_encode(benchmark::State& state) {
  const codec::CommitHead head = sample_head();
  Words out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(codec::encode_commit_head(head, out));
  }
}

void head_read(benchmark::State& state) {
  const Words words = sample_header();
  codec::HeadReader reader;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.read(codec::wire::as_bytes(words)));
  }
}

void frame_add(benchmark::State& state) {
  const Words header = sample_header();
  const Words event = sample_event();
  const base::ByteSpan event_bytes = codec::wire::as_bytes(event);
  codec::FrameBuilder builder;
  builder.begin(1, 0, 0);
  for (auto _ : state) {
    if (builder.commit_count() == 64) {
      benchmark::DoNotOptimize(builder.finish());
      builder.begin(1, 0, 0);
    }
    builder.add(codec::wire::as_bytes(header), {}, {&event_bytes, 1});
  }
}

void frame_next(benchmark::State& state) {
  const Words header = sample_header();
  const Words event = sample_event();
  const base::ByteSpan event_bytes = codec::wire::as_bytes(event);
  codec::FrameBuilder builder;
  builder.begin(1, 0, 0);
  for (int i = 0; i < 64; ++i) {
    builder.add(codec::wire::as_bytes(header), {}, {&event_bytes, 1});
  }
  const base::ByteSpan frame = builder.finish();
  codec::FrameReader reader;
  codec::CommitBytes commit;
  if (!reader.open(frame)) {
    state.SkipWithError("the frame is damaged");
  }
  for (auto _ : state) {
    if (const auto more = reader.next(commit); !*more) {
      benchmark::DoNotOptimize(reader.open(frame));
    }
  }
}

void canonical(benchmark::State& state) {
  const Payload payload = sample_payload();
  Words out;
  for (auto _ : state) {
    out.assign(1, 0);
    codec::wire::copy_canonical(payload.words.data(), out, 0);
    benchmark::DoNotOptimize(out.data());
  }
}

// ---- The library ----

void library_event(benchmark::State& state) {
  const Payload payload = sample_payload();
  auto scratch = kj::heapArray<capnp::word>(512);
  std::memset(scratch.begin(), 0, scratch.size() * sizeof(capnp::word));
  for (auto _ : state) {
    capnp::MallocMessageBuilder builder(scratch);
    const auto segment = segment_of(codec::wire::as_bytes(payload.words));
    capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1));
    auto event = builder.initRoot<schema::Event>();
    event.getPayload().set(reader.getRoot<capnp::AnyPointer>());
    event.setOccurredAt(1);
    event.setBookedAt(2);
    event.setType(3);
    event.setRevision(1);
    auto chains = event.initChains(kChains);
    for (unsigned i = 0; i < kChains; ++i) {
      chains[i].setPrevious(i);
      chains[i].setChain(i + 7);
      chains[i].setVersion(9);
    }
    auto transfer = event.initTransfers(1)[0];
    transfer.setAmount(kTransfer.amount);
    transfer.setDebit(kTransfer.debit);
    transfer.setCredit(kTransfer.credit);
    transfer.setRule(kTransfer.rule);
    transfer.setUnit(kTransfer.unit);
    transfer.setPhase(schema::Phase::POSTED);
    benchmark::DoNotOptimize(builder.getSegmentsForOutput()[0].begin());
  }
}

void library_event_read(benchmark::State& state) {
  const Words words = sample_event();
  std::vector<codec::ChainLink> links;
  std::vector<codec::StoredTransfer> transfers;
  for (auto _ : state) {
    const auto segment = segment_of(codec::wire::as_bytes(words));
    capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1), {8 * words.size(), 32});
    const auto event = reader.getRoot<schema::Event>();
    benchmark::DoNotOptimize(event.getType() + event.getRevision() + event.getCorrectsPosition());
    benchmark::DoNotOptimize(event.getOccurredAt() + event.getBookedAt());
    links.clear();
    for (const auto link : event.getChains()) {
      links.push_back({link.getPrevious(), link.getChain(), link.getVersion()});
    }
    transfers.clear();
    for (const auto transfer : event.getTransfers()) {
      transfers.push_back({transfer.getAmount(), transfer.getDebit(), transfer.getCredit(), transfer.getRule(),
                           transfer.getUnit(), static_cast<Phase>(transfer.getPhase())});
    }
    benchmark::DoNotOptimize(event.getPayload().isStruct());
  }
}

void library_canonical(benchmark::State& state) {
  const Payload payload = sample_payload();
  for (auto _ : state) {
    const auto segment = segment_of(codec::wire::as_bytes(payload.words));
    capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1));
    benchmark::DoNotOptimize(reader.getRoot<capnp::AnyPointer>().getAs<capnp::AnyStruct>().canonicalize().begin());
  }
}

BENCHMARK(event_prepare)->Name("codec/event/prepare");
BENCHMARK(event_set_and_finish)->Name("codec/event/set_and_finish");
BENCHMARK(library_event)->Name("library/event/prepare_set_and_finish");
BENCHMARK(event_read)->Name("codec/event/read");
BENCHMARK(library_event_read)->Name("library/event/read");
BENCHMARK(head_encode)->Name("codec/head/encode");
BENCHMARK(head_read)->Name("codec/head/read");
BENCHMARK(frame_add)->Name("codec/frame/add");
BENCHMARK(frame_next)->Name("codec/frame/next");
BENCHMARK(canonical)->Name("codec/payload/canonical");
BENCHMARK(library_canonical)->Name("library/payload/canonical");

}  // namespace

BENCHMARK_MAIN();
