// SPDX-License-Identifier: Apache-2.0
//
// Goal: what enters leaf bytes never changes. Method: each kind of message, frame, closure and digest input against the
// bytes of the first release in golden/data. CARNET_UPDATE_GOLDEN=1 writes the files anew: only for a new format
// version.
#include "base/sha256.hpp"
#include "codec/frame.hpp"
#include "codec/messages.hpp"
#include "codec/payload_type.hpp"
#include "codec/wire.hpp"
#include "support/payload_samples.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace carnet::codec {
namespace {

using base::ByteSpan;
using test::must_create;
using test::Sample;
using wire::Words;

std::string path_of(const std::string& name) {
  return std::string(CARNET_TEST_FOLDER) + "/golden/data/" + name;
}

/// Compares `text` with the golden file, or writes it.
void compare(const std::string& name, const std::string& text) {
  if (std::getenv("CARNET_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path_of(name), std::ios::binary) << text;
  }
  std::ifstream file(path_of(name), std::ios::binary);
  BOOST_REQUIRE_MESSAGE(file.good(), "no golden file " << name);
  std::ostringstream golden;
  golden << file.rdbuf();
  BOOST_TEST(golden.str() == text, name << " differs from the released bytes");
}

/// Hex, 16 bytes a line.
std::string hex_lines(ByteSpan bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    out += base::to_hex(bytes.subspan(at, std::min<std::size_t>(16, bytes.size() - at))) + "\n";
  }
  return out;
}

std::array<std::byte, 16> sixteen(unsigned first) {
  std::array<std::byte, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(first + i);
  }
  return bytes;
}

Words header() {
  const RuleVersion rules[] = {{.family = 3, .version = 1}, {.family = 4, .version = 2}};
  CommitHead head;
  head.number = 41;
  head.first_position = 57;
  head.recorded_at = {1'704'067'200'123'456'789};
  head.command = sixteen(0x10);
  head.request_digest = sixteen(0x80);
  head.caused_by = 40;
  head.source_position = 12'345;
  head.source_name = 5;
  head.role = 6;
  head.channel = 7;
  head.basis = Basis::kReport;
  head.actor_kind = ActorKind::kSystem;
  head.actor_id = "importer";
  head.rules = rules;
  Words words;
  encode_commit_head(head, words);
  return words;
}

Words introduction(const Introduction& what, Blind blind = {}) {
  Words words;
  encode_introduction(what, blind, words);
  return words;
}

Words event() {
  Sample sample(must_create<schema::TrafficViolationCharged>(),
                R"({"violationId":"V-1","party":"account/A-1","authority":"MUC","vehicleId":"VEH-1",)"
                R"("fine":{"minor":3500,"currency":"EUR"},"expense":{"minor":-1,"currency":"JPY"}})");
  const Argument args[] = {{.name = "stated", .text = "35.00"}};
  const StoredFinding findings[] = {{.code = 9, .severity = Severity::kWarning, .path = "data.fine", .args = args},
                                    {.code = 10, .severity = Severity::kInfo, .path = {}, .args = {}}};
  const StoredDue due[] = {{.rule = 11, .due = {1'706'745'600'000'000'000}, .subject = "violation/V-1"}};
  const StoredTransfer transfers[] = {
      {.amount = 3500, .debit = 1, .credit = 2, .rule = 12, .unit = 1, .phase = Phase::kPosted},
      {.amount = 1, .debit = 2, .credit = 3, .rule = 12, .unit = 2, .phase = Phase::kPending}};
  EventMessage message;
  message.prepare(sample.payload(), 3, {1'704'067'200'000'000'000}, {1'704'067'200'000'000'000},
                  {.position = 12, .kind = CorrectionKind::kReversal});
  message.set_type(4, 1);
  message.set_chain(0, {.previous = 12, .chain = 1, .version = 2});
  message.set_chain(1, {.previous = 12, .chain = 2, .version = 2});
  message.set_chain(2, {.previous = 0, .chain = 3, .version = 1});
  message.set_findings(findings);
  message.set_due(due);
  message.set_transfers(transfers);
  message.set_blind(sixteen(0x40));
  const ByteSpan bytes = message.finish();
  Words words(bytes.size() / 8);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(golden_codec)

BOOST_AUTO_TEST_CASE(header_message_is_that_of_the_release) {
  compare("header.hex", hex_lines(wire::as_bytes(header())));
}

BOOST_AUTO_TEST_CASE(event_message_is_that_of_the_release) {
  compare("event.hex", hex_lines(wire::as_bytes(event())));
}

BOOST_AUTO_TEST_CASE(introductions_are_those_of_the_release) {
  const auto blind = sixteen(0x20);
  compare("introduction_chain.hex",
          hex_lines(wire::as_bytes(introduction({1, ChainIntroduction{ChainKind::kStream, "violation/V-1"}}, blind))));
  compare("introduction_account.hex",
          hex_lines(wire::as_bytes(introduction({2, AccountIntroduction{"A3/account/A-1", 1, NormalSide::kDebit,
                                                                        AccountLimit::kCreditsWithinDebits, 8}}))));
  compare("introduction_unit.hex", hex_lines(wire::as_bytes(introduction({3, UnitIntroduction{"EUR", 2}}))));
  compare("introduction_code.hex", hex_lines(wire::as_bytes(introduction({4, CodeIntroduction{"PR-60"}}))));
  const auto type = must_create<schema::FineRefundedByAuthority>();
  compare("introduction_type.hex",
          hex_lines(wire::as_bytes(
              introduction({5, TypeIntroduction{type->name(), 1, type->derived(), type->root(), type->closure()}}))));
}

BOOST_AUTO_TEST_CASE(frames_are_those_of_the_release) {
  const Words head = header();
  const Words message = event();
  const Words code = introduction({4, CodeIntroduction{"PR-60"}});
  const ByteSpan introductions[] = {wire::as_bytes(code)};
  const ByteSpan events[] = {wire::as_bytes(message)};
  FrameBuilder builder;
  builder.begin(57, 41, 3);
  builder.add(wire::as_bytes(head), introductions, events);
  compare("frame.hex", hex_lines(builder.finish()));
  base::Hash root{};
  root.fill(std::byte{0x5a});
  builder.carry_tree(41, root);
  FrameSummary summary;
  summary.type_bits[0] = 1U << 4U;
  summary.occurred_min_ns = 1'704'067'200'000'000'000;
  summary.occurred_max_ns = 1'704'067'200'000'000'000;
  builder.carry_summary(summary);
  compare("frame_tree_summary.hex", hex_lines(builder.finish()));
}

BOOST_AUTO_TEST_CASE(closures_are_those_of_the_release) {
  std::string text = base::to_hex(base::sha256(wire::as_bytes(log_schema_closure()))) + "  log.capnp\n";
  for (const test::TypeSample& sample : test::release_samples()) {
    const auto type = must_create(sample.spec.name, sample.spec.schema);
    text += base::to_hex(base::sha256(wire::as_bytes(type->closure()))) + "  " + type->name() + "\n";
  }
  compare("closures.sha256", text);
}

BOOST_AUTO_TEST_CASE(canonical_payloads_are_those_of_the_release) {
  std::string text;
  const std::string hmac(32, '\x11');
  for (const test::TypeSample& written : test::release_samples()) {
    Sample sample(must_create(written.spec.name, written.spec.schema), written.json);
    std::vector<SealedDigest> digests;
    for (const PersonalField& field : sample.personal()) {
      digests.push_back({.path = field.path, .hmac = base::as_bytes(hmac)});
    }
    std::string canonical;
    BOOST_REQUIRE(sample.type().append_canonical(sample.view(), digests, canonical).has_value());
    text += written.spec.name + "\n" + hex_lines(base::as_bytes(canonical));
  }
  compare("canonical_payloads.hex", text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec
