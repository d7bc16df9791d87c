// SPDX-License-Identifier: Apache-2.0
//
// JSON by the contract of the command line: exact 64-bit integers, no duplicate, unknown or missing keys, RFC 3339
// times. Reads import lines; writes event objects. The reader is RapidJSON (docs/adr); its types do not show here.
#pragma once

#include "codec/payload_type.hpp"

#include <carnet/event.hpp>
#include <carnet/request.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace carnet::codec {

/// What stands for a personal field that is not opened; refused on import.
inline constexpr std::string_view kSealedText = "[sealed]";

/// Appends `text` as a JSON string with quotes and the escapes of RFC 8785. Bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// A tiny writer: commas and quotes are its business. Usage: `w.begin_object(); w.key("a").value(1); w.end_object();`
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);

  JsonWriter& value(const char* text) { return value(std::string_view(text)); }

  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);

  JsonWriter& value(std::uint32_t number) { return value(static_cast<std::uint64_t>(number)); }

  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }

  JsonWriter& value(bool flag);
  JsonWriter& null();
  /// Splices JSON that is ready.
  JsonWriter& raw(std::string_view json);

 private:
  void separate();
  std::string& out_;
  bool first_ = true;
  bool after_key_ = false;
};

/// Why a line is no request.
struct LineFault {
  std::string error;  ///< `BadJson`, `UnknownKey`, `DuplicateKey`, `MissingKey`, `BadValue`, `UnknownEvent`, or a
                      ///< PayloadFault's
  std::string path;   ///< `events[0].data.amount.currency`
  std::string message;
};

/// Defaults that the importer gives to a line (DESIGN §11).
struct LineDefaults {
  std::string source_name;
  std::uint64_t source_position = 0;  ///< The line number.
};

using TypeLookup = std::function<const PayloadType*(std::string_view name)>;

/// Parses one import line: the grammar of DESIGN §11, and `findings` of an event (those its writer states: `[{"code",
/// "severity","path?","args?":{name:text}}]`). Streams without `expect` may have any version. Ids, names and limits are
/// the engine's to check. Faults show paths, never values. Reusable; threads: one at a time.
class LineReader {
 public:
  LineReader();
  ~LineReader();
  [[nodiscard]] std::variant<Request, LineFault> read(std::string_view line, const LineDefaults& defaults,
                                                      const TypeLookup& types);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The object of `carnet events`: every envelope field, data, findings, due times, transfers. `tagVersions` and
/// `tagPrevious` follow the order of `tags`.
void append_event_json(const Event& event, const PayloadType& type, std::span<const PersonalField> opened,
                       std::string& out);

/// One commit in the form of an import line (`carnet events --export`). `events` are of one commit, in order.
/// `host_tags[i]` are the tags of events[i] that the payload does not give.
struct ExportEvent {
  const Event* event = nullptr;
  const PayloadType* type = nullptr;
  std::span<const PersonalField> opened;
  std::span<const std::string_view> host_tags;
  std::span<const FindingView> stated_findings;  ///< Those that its writer brought along.
};

/// No line end. `command` may be empty (then an importer names it after its source).
void append_export_line(std::span<const ExportEvent> events, std::string_view command, std::string& out);

/// RFC 8785 form of a JSON text without floating point. Errors: kInvalidArgument `BadJson` {offset}.
[[nodiscard]] Result<std::string> canonical_json(std::string_view json);

}  // namespace carnet::codec
