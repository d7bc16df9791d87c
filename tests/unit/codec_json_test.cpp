// SPDX-License-Identifier: Apache-2.0
//
// Goal: the contract of the command line for JSON: import lines read exactly by their grammar, events printed whole,
// RFC 8785 where it is asked for. Method: one good line with every key and a table of what may be wrong with it;
// vectors of the RFC.
#undef BOOST_TEST_MODULE  // main() is in codec_messages_test.cpp
#include "codec/json.hpp"
#include "codec/json_document.hpp"
#include "codec/messages.hpp"
#include "codec/payload_type.hpp"
#include "support/payload_samples.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace carnet::codec {
namespace {

using test::must_create;
using test::TypePtr;

TypePtr refunded() {
  static const TypePtr type = must_create<schema::FineRefundedByAuthority>();
  return type;
}

TypePtr recorded() {
  static const TypePtr type = must_create<schema::TrafficViolationRecorded>();
  return type;
}

const PayloadType* find_type(std::string_view name) {
  return name == "FineRefundedByAuthority"    ? refunded().get()
         : name == "TrafficViolationRecorded" ? recorded().get()
                                              : nullptr;
}

const LineDefaults kDefaults{.source_name = "fines.ndjson", .source_position = 17};

const char* const kData =
    R"({"violationId":"V1","party":"account/A1","authority":"M","amount":{"minor":1,"currency":"EUR"},"receipt":"r"})";

std::string full_line() {
  return R"({"command":"c-1","basis":"report","source":{"name":"feed","position":9},"causedBy":0,)"
         R"("actor":{"id":"S-1","kind":"partner","role":"clerk"},"channel":"hotline",)"
         R"("expect":{"violation/V1":3,"account/A1":0},)"
         R"("condition":{"after":5,"any":[{"stream":"violation/V1","tags":["account/A1"],"types":["X","Y"]},{}]},)"
         R"("events":[{"stream":"violation/V1","type":"FineRefundedByAuthority","occurredAt":"2024-01-01T00:00:00Z",)"
         R"("bookedAt":"2024-01-02T00:00:00Z","tags":["branch/B1"],"corrects":{"position":4,"kind":"reversal"},)"
         R"("findings":[{"code":"SumsDiffer","severity":"breach","path":"data.amount","args":{"stated":"1","summed":"2"}}],)"
         R"("data":)" +
         std::string(kData) + "}]}";
}

std::string short_line() {
  return R"({"actor":{"id":"S-1","kind":"staff","role":"clerk"},"channel":"hotline","events":[{"stream":"violation/V1",)"
         R"("type":"FineRefundedByAuthority","occurredAt":"2024-01-01T00:00:00Z","data":)" +
         std::string(kData) + "}]}";
}

Request must_read(const std::string& line) {
  LineReader reader;
  auto read = reader.read(line, kDefaults, find_type);
  const auto* fault = std::get_if<LineFault>(&read);
  BOOST_REQUIRE_MESSAGE(fault == nullptr, (fault ? fault->error + " " + fault->path + ": " + fault->message : ""));
  return std::get<Request>(std::move(read));
}

LineFault fault_of(const std::string& line) {
  LineReader reader;
  const auto read = reader.read(line, kDefaults, find_type);
  const auto* fault = std::get_if<LineFault>(&read);
  BOOST_REQUIRE_MESSAGE(fault != nullptr, "accepted: " << line);
  return *fault;
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

std::string canonical(std::string_view json) {
  const auto result = canonical_json(json);
  return result ? *result : result.error().name();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import_line)

BOOST_AUTO_TEST_CASE(every_key_is_read) {
  const Request request = must_read(full_line());
  BOOST_TEST(request.command == "c-1");
  BOOST_TEST((request.basis == Basis::kReport));
  BOOST_TEST((request.source == Source{.name = "feed", .position = 9}));
  BOOST_TEST((request.caused_by == std::optional<std::uint64_t>(0)));
  BOOST_TEST(request.actor.id == "S-1");
  BOOST_TEST((request.actor.kind == ActorKind::kPartner));
  BOOST_TEST(request.actor.role == "clerk");
  BOOST_TEST(request.channel == "hotline");
  BOOST_TEST((request.versions == VersionPolicy::kAny));
  BOOST_REQUIRE(request.expect.size() == 2U);
  BOOST_TEST(request.expect[0].stream == "violation/V1");
  BOOST_TEST(request.expect[0].version == 3U);
  BOOST_TEST(request.expect[1].version == 0U);
  BOOST_REQUIRE(request.condition.has_value());
  BOOST_TEST(request.condition->after == 5U);
  BOOST_REQUIRE(request.condition->any.size() == 2U);
  BOOST_TEST(*request.condition->any[0].stream == "violation/V1");
  BOOST_TEST(request.condition->any[0].tags.size() == 1U);
  BOOST_TEST(request.condition->any[0].types[1] == "Y");
  BOOST_TEST(!request.condition->any[1].stream.has_value());
  BOOST_REQUIRE(request.events.size() == 1U);
  const EventDraft& draft = request.events[0];
  BOOST_TEST(draft.stream == "violation/V1");
  BOOST_TEST(draft.type == "FineRefundedByAuthority");
  BOOST_TEST(draft.occurred_at.ns == 1704067200000000000);
  BOOST_TEST(draft.booked_at->ns == 1704153600000000000);
  BOOST_TEST(draft.tags[0] == "branch/B1");
  BOOST_TEST((draft.corrects == Corrects{.position = 4, .kind = CorrectionKind::kReversal}));
  BOOST_REQUIRE(draft.findings.size() == 1U);
  BOOST_TEST(draft.findings[0].code == "SumsDiffer");
  BOOST_TEST((draft.findings[0].severity == Severity::kBreach));
  BOOST_TEST(draft.findings[0].path == "data.amount");
  BOOST_TEST((draft.findings[0].args == std::vector<Fact>{{"stated", "1"}, {"summed", "2"}}));
  const PayloadHolder holder(draft.payload);
  std::string data;
  refunded()->append_json(holder.view(), {}, data);
  BOOST_TEST(data == kData);
}

BOOST_AUTO_TEST_CASE(what_is_left_out_has_its_default) {
  const Request request = must_read(short_line());
  BOOST_TEST(request.command == "fines.ndjson:17");
  BOOST_TEST((request.basis == Basis::kDecision));
  BOOST_TEST((request.source == Source{.name = "fines.ndjson", .position = 17}));
  BOOST_TEST(!request.caused_by.has_value());
  BOOST_TEST((request.versions == VersionPolicy::kAny));
  BOOST_TEST(request.expect.empty());
  BOOST_TEST(!request.condition.has_value());
  BOOST_TEST(!request.events[0].booked_at.has_value());
  BOOST_TEST(request.events[0].tags.empty());
  BOOST_TEST((request.events[0].corrects == Corrects{}));
  const Request named =
      must_read(with(short_line(), "\"channel\"", "\"source\":{\"name\":\"feed\",\"position\":3},\"channel\""));
  BOOST_TEST(named.command == "feed:3");
}

// What an export writes of a commit that had no source: without it an importer would name its own file.
BOOST_AUTO_TEST_CASE(a_source_can_be_said_to_be_none) {
  const Request request = must_read(with(full_line(), R"({"name":"feed","position":9})", "null"));
  BOOST_TEST(!request.source.has_value());
  const LineFault fault = fault_of(with(short_line(), "\"channel\"", "\"source\":null,\"channel\""));
  BOOST_TEST(fault.error == "MissingKey");
  BOOST_TEST(fault.path == "command");
}

BOOST_AUTO_TEST_CASE(personal_fields_come_beside_the_payload) {
  const Request request =
      must_read(with(with(short_line(), "FineRefundedByAuthority", "TrafficViolationRecorded"), kData,
                     R"({"violationId":"V1","party":"account/A1","authority":"M","violationAt":"2024-01-01T00:00:00Z",)"
                     R"("fine":{"minor":1,"currency":"EUR"},"authorityRef":"r","place":"Main St"})"));
  BOOST_REQUIRE(request.events[0].personal.size() == 1U);
  BOOST_TEST(request.events[0].personal[0].path == "place");
  BOOST_TEST(request.events[0].personal[0].plaintext == "Main St");
}

BOOST_AUTO_TEST_CASE(bad_lines_say_what_is_wrong_and_where) {
  const struct {
    const char* from;
    const char* to;
    const char* error;
    const char* path;
  } table[] = {
      {"{\"command\"", "[\"command\"", "BadJson", ""},
      {"\"command\":\"c-1\"", "\"Command\":\"c-1\"", "UnknownKey", "Command"},
      {"\"command\":\"c-1\"", "\"command\":\"c-1\",\"command\":\"c-1\"", "DuplicateKey", "command"},
      {"\"command\":\"c-1\"", "\"command\":1", "BadValue", "command"},
      {"\"command\":\"c-1\"", "\"+49 171 1234567\":\"c-1\"", "UnknownKey", ""},
      {"\"report\"", "\"Report\"", "BadValue", "basis"},
      {"\"report\"", "null", "BadValue", "basis"},
      {"\"position\":9", "\"position\":-9", "BadValue", "source.position"},
      {"\"position\":9", "\"position\":9.0", "BadValue", "source.position"},
      {",\"position\":9", "", "MissingKey", "source.position"},
      {"\"causedBy\":0", "\"causedBy\":\"0\"", "BadValue", "causedBy"},
      {",\"role\":\"clerk\"", "", "MissingKey", "actor.role"},
      {",\"role\":\"clerk\"", ",\"role\":\"clerk\",\"name\":\"x\"", "UnknownKey", "actor.name"},
      {"\"partner\"", "\"boss\"", "BadValue", "actor.kind"},
      {"\"channel\":\"hotline\",", "", "MissingKey", "channel"},
      {"\"violation/V1\":3", "\"violation/V1\":4294967296", "BadValue", "expect"},
      {"\"account/A1\":0", "\"violation/V1\":0", "DuplicateKey", "expect"},
      {"{\"violation/V1\":3,\"account/A1\":0}", "[]", "BadValue", "expect"},
      {"\"after\":5,", "", "MissingKey", "condition.after"},
      {"[\"X\",\"Y\"]", "[\"X\",1]", "BadValue", "condition.any[0].types[1]"},
      {",{}]", ",{\"type\":[]}]", "UnknownKey", "condition.any[1].type"},
      {"\"stream\":\"violation/V1\",\"type\"", "\"type\"", "MissingKey", "events[0].stream"},
      {"\"FineRefundedByAuthority\"", "\"Nothing\"", "UnknownEvent", "events[0].type"},
      {"2024-01-01T00:00:00Z", "2024-01-01", "BadTime", "events[0].occurredAt"},
      {"\"2024-01-02T00:00:00Z\"", "7", "BadTime", "events[0].bookedAt"},
      {"[\"branch/B1\"]", "\"branch/B1\"", "BadValue", "events[0].tags"},
      {"[\"branch/B1\"]", "[null]", "BadValue", "events[0].tags[0]"},
      {"\"position\":4", "\"position\":0", "BadValue", "events[0].corrects.position"},
      {"\"reversal\"", "\"none\"", "BadValue", "events[0].corrects.kind"},
      {"\"severity\":\"breach\",", "", "MissingKey", "events[0].findings[0].severity"},
      {"\"stated\":\"1\"", "\"stated\":1", "BadValue", "events[0].findings[0].args"},
      {"\"summed\":\"2\"", "\"stated\":\"2\"", "DuplicateKey", "events[0].findings[0].args"},
      {"\"currency\":\"EUR\"", "\"currency\":\"eur\"", "CurrencyUnknown", "events[0].data.amount.currency"},
      {"\"receipt\":\"r\"", "\"reciept\":\"r\"", "UnknownKey", "events[0].data.reciept"},
      {",\"receipt\":\"r\"", "", "MissingKey", "events[0].data.receipt"},
  };

  for (const auto& [from, to, error, path] : table) {
    const LineFault fault = fault_of(with(full_line(), from, to));
    BOOST_TEST(fault.error == error, to);
    BOOST_TEST(fault.path == path, to);
    BOOST_TEST(!fault.message.empty());
    BOOST_TEST(fault.message.find("1234567") == std::string::npos);
  }
  BOOST_TEST(fault_of("[]").error == "BadValue");
  BOOST_TEST(fault_of("").error == "BadJson");
  BOOST_TEST(fault_of(full_line() + "{}").error == "BadJson");
  BOOST_TEST(fault_of(with(full_line(), "\"c-1\"", "\"\xff\"")).error == "BadJson");
}

BOOST_AUTO_TEST_CASE(a_reader_is_used_again_without_a_trace) {
  LineReader reader;
  BOOST_TEST(std::holds_alternative<LineFault>(reader.read("{\"command\":", kDefaults, find_type)));
  const auto read = reader.read(short_line(), kDefaults, find_type);
  BOOST_REQUIRE(std::holds_alternative<Request>(read));
  BOOST_TEST(std::get<Request>(read).command == "fines.ndjson:17");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(event_json)

namespace {

/// An event with every part, and what it views.
struct FullEvent {
  Payload payload;
  PayloadHolder holder;
  TagVersion tags[2] = {{.name = "violation/V1", .version = 2, .previous = 3},
                        {.name = "account/A1", .version = 7, .previous = 0}};
  Argument args[1] = {{.name = "stated", .text = "1"}};
  FindingView findings[1] = {
      {.code = "SumsDiffer", .severity = Severity::kWarning, .path = "data.amount", .args = args}};
  DueView due[1] = {{.rule = "O-1", .subject = "violation/V1", .due = {0}}};
  TransferView transfers[1] = {
      {.debit = "A3", .credit = "L3", .amount = INT64_MAX, .unit = "EUR", .phase = Phase::kPending, .rule = "PR-60"}};
  RuleVersionView rules[1] = {{.family = "codes", .version = 4}};
  Event event;

  FullEvent() : payload(std::get<Payload>(refunded()->from_json(kData, personal_))), holder(payload) {
    event.position = 9;
    event.stream = "violation/V1";
    event.stream_version = 2;
    event.stream_previous = 3;
    event.type = "FineRefundedByAuthority";
    event.revision = 1;
    event.occurred_at = {1704067200000000000};
    event.booked_at = {1704153600000000000};
    event.corrects = {.position = 4, .kind = CorrectionKind::kCorrection};
    event.tags = tags;
    event.findings = findings;
    event.due = due;
    event.transfers = transfers;
    event.payload = holder.view();
    event.commit = 5;
    event.recorded_at = {1704153600500000000};
    event.basis = Basis::kHistory;
    event.source_name = "feed";
    event.source_position = UINT64_MAX;
    event.actor_id = "S-1";
    event.actor_kind = ActorKind::kDriver;
    event.role = "clerk";
    event.channel = "post";
    event.caused_by = 1;
    event.command.fill(std::byte{0xab});
    event.rules = rules;
  }

 private:
  std::vector<PersonalField> personal_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(events_are_printed_whole) {
  const FullEvent full;
  std::string out;
  append_event_json(full.event, *refunded(), {}, out);
  BOOST_TEST(
      out ==
      R"({"position":9,"commit":5,"stream":"violation/V1","streamVersion":2,"streamPrevious":3,)"
      R"("type":"FineRefundedByAuthority","revision":1,"nature":"fact","occurredAt":"2024-01-01T00:00:00Z",)"
      R"("bookedAt":"2024-01-02T00:00:00Z","recordedAt":"2024-01-02T00:00:00.5Z","tags":["violation/V1","account/A1"],)"
      R"("tagVersions":[2,7],"tagPrevious":[3,0],"corrects":{"position":4,"kind":"correction"},"basis":"history",)"
      R"("source":{"name":"feed","position":18446744073709551615},"causedBy":1,)"
      R"("actor":{"id":"S-1","kind":"driver","role":"clerk"},"channel":"post",)"
      R"("command":"abababababababababababababababab","requestDigest":"00000000000000000000000000000000",)"
      R"("rules":[{"family":"codes","version":4}],"data":)" +
          std::string(kData) +
          R"(,"findings":[{"code":"SumsDiffer","severity":"warning","path":"data.amount","args":{"stated":"1"}}],)"
          R"("due":[{"rule":"O-1","subject":"violation/V1","due":"1970-01-01T00:00:00Z"}],)"
          R"("transfers":[{"debit":"A3","credit":"L3","amount":{"minor":9223372036854775807,"currency":"EUR"},)"
          R"("phase":"pending","rule":"PR-60"}]})");
  JsonDocument document;
  BOOST_TEST(!document.parse(out).has_value());
}

BOOST_AUTO_TEST_CASE(what_an_event_lacks_is_no_key) {
  FullEvent full;
  full.event.source_name = {};
  full.event.caused_by = std::nullopt;
  full.event.corrects = {};
  std::string out;
  append_event_json(full.event, *refunded(), {}, out);
  for (const char* key : {"\"source\"", "\"causedBy\"", "\"corrects\""}) {
    BOOST_TEST(out.find(key) == std::string::npos, key);
  }
}

BOOST_AUTO_TEST_CASE(export_lines_are_import_lines) {
  const FullEvent full;
  const std::string_view host_tags[] = {"branch/B1"};
  const ExportEvent exported{.event = &full.event,
                             .type = refunded().get(),
                             .opened = {},
                             .host_tags = host_tags,
                             .stated_findings = full.findings};
  std::string line;
  append_export_line({&exported, 1}, "c-9", line);
  const Request request = must_read(line);
  BOOST_TEST(request.command == "c-9");
  BOOST_TEST((request.basis == Basis::kHistory));
  BOOST_TEST((request.source == Source{.name = "feed", .position = UINT64_MAX}));
  BOOST_TEST((request.caused_by == std::optional<std::uint64_t>(1)));
  BOOST_TEST((request.actor.kind == ActorKind::kDriver));
  BOOST_REQUIRE(request.events.size() == 1U);
  BOOST_TEST(request.events[0].occurred_at.ns == full.event.occurred_at.ns);
  BOOST_TEST(request.events[0].booked_at->ns == full.event.booked_at.ns);
  BOOST_TEST((request.events[0].corrects == full.event.corrects));
  BOOST_TEST(request.events[0].tags == std::vector<std::string>{"branch/B1"}, boost::test_tools::per_element());
  BOOST_REQUIRE(request.events[0].findings.size() == 1U);
  BOOST_TEST(request.events[0].findings[0].code == "SumsDiffer");
  BOOST_TEST(request.events[0].payload.words == full.payload.words, boost::test_tools::per_element());
  BOOST_TEST(line.find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(json_text)

BOOST_AUTO_TEST_CASE(strings_have_the_escapes_of_rfc_8785) {
  const auto quoted = [](std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
  };
  BOOST_TEST(quoted("") == "\"\"");
  BOOST_TEST(quoted("a\"b\\c/") == R"("a\"b\\c/")");
  BOOST_TEST(quoted("\b\t\n\f\r") == R"("\b\t\n\f\r")");
  BOOST_TEST(quoted(std::string_view("\0\x1f\x7f", 3)) == "\"\\u0000\\u001f\x7f\"");
  BOOST_TEST(quoted("€😀 Zoë") == "\"€😀 Zoë\"");
  BOOST_TEST(quoted("a\xff\"\xc3") == "\"a\xef\xbf\xbd\\\"\xef\xbf\xbd\"");
}

BOOST_AUTO_TEST_CASE(writer_puts_commas_between_values) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("a").begin_array().value(1).value(std::uint64_t{2}).begin_object().end_object().end_array();
  json.key("b").null().key("c").value(true).key("d").value("x").key("e").begin_array().end_array().key("f").raw("[1]");
  json.key("g").value(INT64_MIN).end_object();
  BOOST_TEST(out == R"({"a":[1,2,{}],"b":null,"c":true,"d":"x","e":[],"f":[1],"g":-9223372036854775808})");
}

BOOST_AUTO_TEST_CASE(canonical_form_sorts_keys_by_utf16) {
  // The RFC's own example of sorting, by its expected order.
  BOOST_TEST(
      canonical("{\"\\u20ac\":\"Euro\",\"\\r\":\"CR\",\"\\ufb33\":\"Dalet\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Smile\","
                "\"\\u0080\":\"Control\",\"\\u00f6\":\"O\"}") ==
      "{\"\\r\":\"CR\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"ö\":\"O\",\"€\":\"Euro\",\"😀\":\"Smile\","
      "\"\xef\xac\xb3\":\"Dalet\"}");
}

BOOST_AUTO_TEST_CASE(canonical_form_has_no_white_space_and_exact_integers) {
  BOOST_TEST(canonical(" { \"b\" : [ 1 , -2 , true , null ] , \"a\" : { } } ") == R"({"a":{},"b":[1,-2,true,null]})");
  BOOST_TEST(canonical("[18446744073709551615,-9223372036854775808,0]") ==
             "[18446744073709551615,-9223372036854775808,0]");
  BOOST_TEST(canonical("-0") == "0");
  BOOST_TEST(canonical("\"\\u0041\\/\\u00e9\"") == "\"A/é\"");
}

BOOST_AUTO_TEST_CASE(texts_without_a_canonical_form_are_refused) {
  for (const char* text : {"1.0", "1e3", "18446744073709551616", "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "",
                           "{", "[1 2]", "'a'", "{\"a\":NaN}", "// x\n1", "\"\\ud800\"", "\"\xff\""}) {
    BOOST_TEST(canonical(text) == "BadJson", text);
  }
  BOOST_TEST(canonical(std::string(65, '[') + std::string(65, ']')) == "BadJson");
  BOOST_TEST(canonical(std::string(64, '[') + std::string(64, ']')) == std::string(64, '[') + std::string(64, ']'));
}

BOOST_AUTO_TEST_CASE(integers_are_exact_over_all_of_64_bits) {
  JsonDocument document;
  BOOST_REQUIRE(!document.parse(
      "[-9223372036854775808,9223372036854775807,9223372036854775808,18446744073709551615,-0,1.0,\"1\"]"));
  std::vector<JsonValue> values;
  for_each_element(document.root(), [&](JsonValue value, std::uint32_t) {
    values.push_back(value);
    return true;
  });
  BOOST_REQUIRE(values.size() == 7U);
  BOOST_TEST((values[0].to_int64() == std::optional<std::int64_t>(INT64_MIN)));
  BOOST_TEST(!values[0].to_uint64().has_value());
  BOOST_TEST((values[1].to_int64() == std::optional<std::int64_t>(INT64_MAX)));
  BOOST_TEST(!values[2].to_int64().has_value());
  BOOST_TEST((values[2].to_uint64() == std::optional<std::uint64_t>(std::uint64_t{1} << 63U)));
  BOOST_TEST((values[3].to_uint64() == std::optional<std::uint64_t>(UINT64_MAX)));
  BOOST_TEST(!values[5].to_int64().has_value());
  BOOST_TEST(!values[6].to_int64().has_value());
}

BOOST_AUTO_TEST_CASE(random_integers_round_trip) {
  std::mt19937_64 engine = test::seeded_engine();
  for (int i = 0; i < 5000; ++i) {
    const std::int64_t value = test::wide_int64(engine);
    BOOST_REQUIRE(canonical(std::to_string(value)) == std::to_string(value));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec
