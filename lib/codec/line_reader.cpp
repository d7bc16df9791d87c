// SPDX-License-Identifier: Apache-2.0
//
// Import lines (docs/reference/command-line.md): the grammar as tables of keys, one function an object.
#include "codec/json.hpp"
#include "codec/json_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace carnet::codec {
namespace {

struct Key {
  std::string_view name;
  bool is_required = false;
};

template <class Enum>
struct Word {
  std::string_view text;
  Enum value;
};

constexpr Word<Basis> kBases[] = {
    {"decision", Basis::kDecision}, {"report", Basis::kReport}, {"history", Basis::kHistory}};
constexpr Word<ActorKind> kActorKinds[] = {{"staff", ActorKind::kStaff},
                                           {"customer", ActorKind::kCustomer},
                                           {"driver", ActorKind::kDriver},
                                           {"system", ActorKind::kSystem},
                                           {"partner", ActorKind::kPartner}};
constexpr Word<CorrectionKind> kCorrectionKinds[] = {{"correction", CorrectionKind::kCorrection},
                                                     {"reversal", CorrectionKind::kReversal}};
constexpr Word<Severity> kSeverities[] = {
    {"info", Severity::kInfo}, {"warning", Severity::kWarning}, {"breach", Severity::kBreach}};

/// Where a value stands; spelled only when something is wrong there. Lives on the stack beside what it describes.
struct Where {
  const Where* above = nullptr;
  std::string_view key{};
  std::int64_t index = -1;

  [[nodiscard]] Where operator[](std::string_view name) const noexcept {
    return {.above = this, .key = name, .index = -1};
  }

  [[nodiscard]] Where at(std::uint32_t i) const noexcept { return {.above = this, .key = {}, .index = i}; }

  [[nodiscard]] std::string spell() const {
    std::string path = above == nullptr ? std::string() : above->spell();
    if (index >= 0) {
      path += fmt::format("[{}]", index);
    } else if (!key.empty()) {
      path += path.empty() ? std::string(key) : fmt::format(".{}", key);
    }
    return path;
  }
};

/// One line. Every method returns false after a fault.
class LineParser {
 public:
  LineParser(const LineDefaults& defaults, const TypeLookup& types) : defaults_(defaults), types_(types) {}

  bool line(JsonValue value) {
    static constexpr std::array<Key, 9> kKeys{{{"command"},
                                               {"basis"},
                                               {"source"},
                                               {"causedBy"},
                                               {"actor", true},
                                               {"channel", true},
                                               {"expect"},
                                               {"condition"},
                                               {"events", true}}};
    const Where where;
    std::array<JsonValue, kKeys.size()> members;
    if (!object(value, where, kKeys, members)) {
      return false;
    }
    const auto& [command, basis, source, caused_by, actor, channel, expect, condition, events] = members;
    request_.versions = VersionPolicy::kAny;
    return (!basis || word(basis, where["basis"], kBases, request_.basis)) && read_source(source, where["source"]) &&
           read_command(command, where["command"]) &&
           (!caused_by || natural(caused_by, where["causedBy"], request_.caused_by.emplace())) &&
           read_actor(actor, where["actor"]) && text(channel, where["channel"], request_.channel) &&
           (!expect || read_expect(expect, where["expect"])) &&
           (!condition || read_condition(condition, where["condition"], request_.condition.emplace())) &&
           read_events(events, where["events"]);
  }

  [[nodiscard]] Request take_request() { return std::move(request_); }

  [[nodiscard]] LineFault take_fault() { return std::move(fault_); }

 private:
  bool fail(std::string path, std::string error, std::string message) {
    fault_ = LineFault{.error = std::move(error), .path = std::move(path), .message = std::move(message)};
    return false;
  }

  bool fail(const Where& where, const char* error, const char* message) { return fail(where.spell(), error, message); }

  bool bad_value(const Where& where, std::string_view expected) {
    return fail(where.spell(), "BadValue", fmt::format("expected {}", expected));
  }

  template <std::size_t N>
  bool object(JsonValue value, const Where& where, const std::array<Key, N>& keys, std::array<JsonValue, N>& out) {
    if (value.kind() != JsonKind::kObject) {
      return bad_value(where, "an object");
    }
    const bool whole = for_each_member(value, [&](std::string_view name, JsonValue member) {
      const auto* key = std::ranges::find(keys, name, &Key::name);
      if (key == keys.end()) {
        return fail(is_key_to_show(name) ? where[name] : where, "UnknownKey", "there is no key of this name here");
      }
      JsonValue& slot = out[static_cast<std::size_t>(key - keys.begin())];
      if (slot) {
        return fail(where[name], "DuplicateKey", "the key stands twice");
      }
      slot = member;
      return true;
    });
    if (!whole) {
      return false;
    }
    for (std::size_t i = 0; i < N; ++i) {
      if (keys[i].is_required && !out[i]) {
        return fail(where[keys[i].name], "MissingKey", "the key is required");
      }
    }
    return true;
  }

  bool text(JsonValue value, const Where& where, std::string& out) {
    if (value.kind() != JsonKind::kString) {
      return bad_value(where, "a string");
    }
    out = value.text();
    return true;
  }

  bool natural(JsonValue value, const Where& where, std::uint64_t& out) {
    const auto number = value.to_uint64();
    if (!number) {
      return bad_value(where, "an integer of 0 to 18446744073709551615");
    }
    out = *number;
    return true;
  }

  bool time(JsonValue value, const Where& where, Timestamp& out) {
    if (value.kind() == JsonKind::kString) {
      if (const Result<Timestamp> parsed = parse_timestamp(value.text())) {
        out = *parsed;
        return true;
      }
    }
    return fail(where, "BadTime", "expected a time of RFC 3339 (2024-01-31T08:00:00Z)");
  }

  template <class Enum, std::size_t N>
  bool word(JsonValue value, const Where& where, const Word<Enum> (&words)[N], Enum& out) {
    if (value.kind() == JsonKind::kString) {
      const auto* found = std::ranges::find(words, value.text(), &Word<Enum>::text);
      if (found != std::end(words)) {
        out = found->value;
        return true;
      }
    }
    std::string expected = "one of";
    for (const Word<Enum>& one : words) {
      expected += fmt::format("{} {}", &one == words ? "" : ",", one.text);
    }
    return bad_value(where, expected);
  }

  /// Calls `read(element, where, out[i])` for each element of an array.
  template <class T, class Read>
  bool array(JsonValue value, const Where& where, std::vector<T>& out, Read read) {
    if (value.kind() != JsonKind::kArray) {
      return bad_value(where, "an array");
    }
    out.resize(value.count());
    return for_each_element(value, [&](JsonValue one, std::uint32_t i) { return read(one, where.at(i), out[i]); });
  }

  bool texts(JsonValue value, const Where& where, std::vector<std::string>& out) {
    return array(value, where, out,
                 [this](JsonValue one, const Where& at, std::string& text_out) { return text(one, at, text_out); });
  }

  bool read_source(JsonValue value, const Where& where) {
    request_.source = Source{.name = defaults_.source_name, .position = defaults_.source_position};
    if (!value) {
      return true;
    }
    if (value.kind() == JsonKind::kNull) {
      request_.source.reset();  // an export of what had none
      return true;
    }
    static constexpr std::array<Key, 2> kKeys{{{"name", true}, {"position", true}}};
    std::array<JsonValue, kKeys.size()> members;
    return object(value, where, kKeys, members) && text(members[0], where["name"], request_.source->name) &&
           natural(members[1], where["position"], request_.source->position);
  }

  bool read_command(JsonValue value, const Where& where) {
    if (value) {
      return text(value, where, request_.command);
    }
    if (!request_.source) {
      return fail(where, "MissingKey", "a line without a source states its command");
    }
    request_.command = fmt::format("{}:{}", request_.source->name, request_.source->position);
    return true;
  }

  bool read_actor(JsonValue value, const Where& where) {
    static constexpr std::array<Key, 3> kKeys{{{"id", true}, {"kind", true}, {"role", true}}};
    std::array<JsonValue, kKeys.size()> members;
    return object(value, where, kKeys, members) && text(members[0], where["id"], request_.actor.id) &&
           word(members[1], where["kind"], kActorKinds, request_.actor.kind) &&
           text(members[2], where["role"], request_.actor.role);
  }

  // Streams are the host's own names: their paths are not spelled.
  bool read_expect(JsonValue value, const Where& where) {
    if (value.kind() != JsonKind::kObject) {
      return bad_value(where, "an object of stream names and versions");
    }
    return for_each_member(value, [&](std::string_view stream, JsonValue version) {
      const auto number = version.to_uint64();
      if (!number || *number > std::numeric_limits<std::uint32_t>::max()) {
        return bad_value(where, "an integer of 0 to 4294967295 for each stream");
      }
      if (std::ranges::find(request_.expect, stream, &Expect::stream) != request_.expect.end()) {
        return fail(where, "DuplicateKey", "a stream stands twice");
      }
      request_.expect.push_back({.stream = std::string(stream), .version = static_cast<std::uint32_t>(*number)});
      return true;
    });
  }

  bool read_condition(JsonValue value, const Where& where, AppendCondition& condition) {
    static constexpr std::array<Key, 2> kKeys{{{"after", true}, {"any", true}}};
    std::array<JsonValue, kKeys.size()> members;
    return object(value, where, kKeys, members) && natural(members[0], where["after"], condition.after) &&
           array(members[1], where["any"], condition.any,
                 [this](JsonValue one, const Where& at, QueryItem& item) { return read_item(one, at, item); });
  }

  bool read_item(JsonValue value, const Where& where, QueryItem& item) {
    static constexpr std::array<Key, 3> kKeys{{{"stream"}, {"tags"}, {"types"}}};
    std::array<JsonValue, kKeys.size()> members;
    if (!object(value, where, kKeys, members)) {
      return false;
    }
    const auto& [stream, tags, types] = members;
    return (!stream || text(stream, where["stream"], item.stream.emplace())) &&
           (!tags || texts(tags, where["tags"], item.tags)) && (!types || texts(types, where["types"], item.types));
  }

  bool read_events(JsonValue value, const Where& where) {
    return array(value, where, request_.events,
                 [this](JsonValue one, const Where& at, EventDraft& draft) { return read_event(one, at, draft); });
  }

  bool read_event(JsonValue value, const Where& where, EventDraft& draft) {
    static constexpr std::array<Key, 8> kKeys{{{"stream", true},
                                               {"type", true},
                                               {"occurredAt", true},
                                               {"bookedAt"},
                                               {"tags"},
                                               {"corrects"},
                                               {"findings"},
                                               {"data", true}}};
    std::array<JsonValue, kKeys.size()> members;
    if (!object(value, where, kKeys, members)) {
      return false;
    }
    const auto& [stream, type, occurred_at, booked_at, tags, corrects, findings, data] = members;
    return text(stream, where["stream"], draft.stream) && text(type, where["type"], draft.type) &&
           time(occurred_at, where["occurredAt"], draft.occurred_at) &&
           (!booked_at || time(booked_at, where["bookedAt"], draft.booked_at.emplace())) &&
           (!tags || texts(tags, where["tags"], draft.tags)) &&
           (!corrects || read_corrects(corrects, where["corrects"], draft.corrects)) &&
           (!findings || array(findings, where["findings"], draft.findings,
                               [this](JsonValue one, const Where& at, StatedFinding& finding) {
                                 return read_finding(one, at, finding);
                               })) &&
           read_data(data, where, draft);
  }

  bool read_corrects(JsonValue value, const Where& where, Corrects& corrects) {
    static constexpr std::array<Key, 2> kKeys{{{"position", true}, {"kind", true}}};
    std::array<JsonValue, kKeys.size()> members;
    if (!object(value, where, kKeys, members) || !natural(members[0], where["position"], corrects.position)) {
      return false;
    }
    if (corrects.position == 0) {
      return bad_value(where["position"], "a position: they begin at 1");
    }
    return word(members[1], where["kind"], kCorrectionKinds, corrects.kind);
  }

  bool read_finding(JsonValue value, const Where& where, StatedFinding& finding) {
    static constexpr std::array<Key, 4> kKeys{{{"code", true}, {"severity", true}, {"path"}, {"args"}}};
    std::array<JsonValue, kKeys.size()> members;
    if (!object(value, where, kKeys, members)) {
      return false;
    }
    const auto& [code, severity, field, args] = members;
    return text(code, where["code"], finding.code) &&
           word(severity, where["severity"], kSeverities, finding.severity) &&
           (!field || text(field, where["path"], finding.path)) && (!args || read_args(args, where["args"], finding));
  }

  bool read_args(JsonValue value, const Where& where, StatedFinding& finding) {
    if (value.kind() != JsonKind::kObject) {
      return bad_value(where, "an object of strings");
    }
    return for_each_member(value, [&](std::string_view name, JsonValue member) {
      if (member.kind() != JsonKind::kString) {
        return bad_value(where, "an object of strings");
      }
      if (std::ranges::find(finding.args, name, &Fact::name) != finding.args.end()) {
        return fail(where, "DuplicateKey", "a key stands twice");
      }
      finding.args.push_back({.name = std::string(name), .value = std::string(member.text())});
      return true;
    });
  }

  bool read_data(JsonValue value, const Where& where, EventDraft& draft) {
    const PayloadType* type = types_(draft.type);
    if (type == nullptr) {
      return fail(where["type"], "UnknownEvent", "no event type of this name is registered");
    }
    if (auto fault = type->read(value, draft.payload, draft.personal)) {
      return fail(fmt::format("{}.{}", where.spell(), fault->path), std::move(fault->error), std::move(fault->message));
    }
    return true;
  }

  const LineDefaults& defaults_;
  const TypeLookup& types_;
  Request request_;
  LineFault fault_;
};

}  // namespace

struct LineReader::Impl {
  JsonDocument document;
};

LineReader::LineReader() : impl_(std::make_unique<Impl>()) {}

LineReader::~LineReader() = default;

std::variant<Request, LineFault> LineReader::read(std::string_view line, const LineDefaults& defaults,
                                                  const TypeLookup& types) {
  if (const auto fault = impl_->document.parse(line)) {
    return LineFault{
        .error = "BadJson", .path = {}, .message = fmt::format("{} (at byte {})", fault->what, fault->offset)};
  }
  LineParser parser(defaults, types);
  if (!parser.line(impl_->document.root())) {
    return parser.take_fault();
  }
  return parser.take_request();
}

}  // namespace carnet::codec
