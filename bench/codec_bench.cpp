// SPDX-License-Identifier: Apache-2.0
//
// What one typical event costs in lib/codec: four chains, one transfer, a payload of 216 bytes. Each row of ours has a
// `library/…` row beside it that does the same with Cap'n Proto's builders and readers.
#include "codec/frame.hpp"
#include "codec/json.hpp"
#include "codec/json_document.hpp"
#include "codec/messages.hpp"
#include "codec/payload_type.hpp"
#include "codec/wire.hpp"

#include <carnet/schema/log.capnp.h>
#include <carnet/schema/violation.capnp.h>
#include <carnet/typed.hpp>

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>

#include <benchmark/benchmark.h>
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
const codec::StoredTransfer kTransfer{
    .amount = 3500, .debit = 1, .credit = 2, .rule = 4, .unit = 1, .phase = Phase::kPosted};
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

// ---- Payloads by their schema ----

std::shared_ptr<const codec::PayloadType> sample_type() {
  const EventTypeSpec spec = event_type<schema::TrafficViolationRecorded>();
  return *codec::PayloadType::create(spec.name, spec.schema);
}

void payload_check(benchmark::State& state) {
  const auto type = sample_type();
  const Payload payload = sample_payload();
  const codec::PayloadHolder holder(payload);
  if (type->check(holder.view(), nullptr)) {
    state.SkipWithError("the payload is refused");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(type->check(holder.view(), nullptr));
  }
}

constexpr TagRule tag_rule(std::uint16_t row, std::string_view field, std::string_view family) {
  return {.field = field, .family = family, .marked = false, .when_field = {}, .when_values = {}, .row = row};
}

const TagRule kTagRules[] = {tag_rule(1, "contractId", "rental"),
                             tag_rule(2, "reservationId", "reservation"),
                             tag_rule(3, "orderId", "order"),
                             tag_rule(4, "accountId", "account"),
                             tag_rule(5, "party", ""),
                             tag_rule(6, "caseId", "case"),
                             tag_rule(7, "violationId", "violation"),
                             tag_rule(8, "vehicleId", "vehicle"),
                             tag_rule(9, "authority", "authority")};

void payload_tags(benchmark::State& state) {
  const auto type = sample_type();
  const Payload payload = sample_payload();
  const codec::PayloadHolder holder(payload);
  const codec::TagPlan plan = type->compile_tags(kTagRules);
  std::vector<std::string> tags;
  for (auto _ : state) {
    tags.clear();
    type->derive_tags(holder.view(), plan, tags);
  }
  state.counters["tags"] = static_cast<double>(tags.size());
}

void payload_append_canonical(benchmark::State& state) {
  const auto type = sample_type();
  const Payload payload = sample_payload();
  const codec::PayloadHolder holder(payload);
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(type->append_canonical(holder.view(), {}, out));
  }
}

void payload_append_json(benchmark::State& state) {
  const auto type = sample_type();
  const Payload payload = sample_payload();
  const codec::PayloadHolder holder(payload);
  std::string out;
  for (auto _ : state) {
    out.clear();
    type->append_json(holder.view(), {}, out);
  }
  state.counters["json_bytes"] = static_cast<double>(out.size());
}

void payload_typed_read(benchmark::State& state) {
  const Payload payload = sample_payload();
  const codec::PayloadHolder holder(payload);
  for (auto _ : state) {
    const auto violation = payload_as<schema::TrafficViolationRecorded>(holder.view());
    benchmark::DoNotOptimize(violation.getFine().getMinor() + violation.getViolationAt());
    benchmark::DoNotOptimize(as_text(violation.getParty()).size());
  }
}

const std::string& sample_line() {
  static const std::string line =
      R"({"command":"fines:12345","basis":"history","actor":{"id":"importer","kind":"system","role":"migration"},)"
      R"("channel":"system","events":[{"stream":"violation/V2024-000123","type":"TrafficViolationRecorded",)"
      R"("occurredAt":"2024-01-31T08:00:00Z","data":{"violationId":"V2024-000123","party":"account/A10293",)"
      R"("authority":"MUC-POLICE","contractId":"R-2024-9921","vehicleId":"VEH-0921","violationAt":"2024-01-30T17:12:09Z",)"
      R"("fine":{"minor":3500,"currency":"EUR"},"authorityRef":"BY-2024-4451"}}]})";
  return line;
}

void line_read(benchmark::State& state) {
  const auto type = sample_type();
  codec::LineReader reader;
  const codec::LineDefaults defaults{.source_name = "stdin", .source_position = 1};
  const codec::TypeLookup lookup = [&](std::string_view) { return type.get(); };
  if (std::holds_alternative<codec::LineFault>(reader.read(sample_line(), defaults, lookup))) {
    state.SkipWithError("the line is refused");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.read(sample_line(), defaults, lookup));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(sample_line().size()));
}

void line_parse_only(benchmark::State& state) {
  codec::JsonDocument document;
  for (auto _ : state) {
    benchmark::DoNotOptimize(document.parse(sample_line()));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(sample_line().size()));
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
BENCHMARK(canonical)->Name("codec/payload/canonical_copy");
BENCHMARK(payload_append_canonical)->Name("codec/payload/append_canonical");
BENCHMARK(payload_check)->Name("codec/payload/check");
BENCHMARK(payload_tags)->Name("codec/payload/derive_tags");
BENCHMARK(payload_append_json)->Name("codec/payload/append_json");
BENCHMARK(payload_typed_read)->Name("codec/payload/typed_read");
BENCHMARK(line_read)->Name("codec/line/read");
BENCHMARK(line_parse_only)->Name("codec/line/parse_only");
BENCHMARK(library_canonical)->Name("library/payload/canonical");

}  // namespace

BENCHMARK_MAIN();
