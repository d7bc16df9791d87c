// SPDX-License-Identifier: Apache-2.0
//
// Events as JSON: with everything that stands in the log (`carnet events`), and as import lines (`--export`).
#include "base/bytes.hpp"
#include "codec/json.hpp"

namespace carnet::codec {
namespace {

template <class Number>
JsonWriter& append_numbers(JsonWriter& json, std::span<const TagVersion> tags, Number TagVersion::*number) {
  json.begin_array();
  for (const TagVersion& tag : tags) {
    json.value(static_cast<std::uint64_t>(tag.*number));
  }
  return json.end_array();
}

void append_source(JsonWriter& json, const Event& event) {
  if (!event.source_name.empty()) {
    json.key("source").begin_object();
    json.key("name").value(event.source_name).key("position").value(event.source_position);
    json.end_object();
  }
}

void append_actor(JsonWriter& json, const Event& event) {
  json.key("actor").begin_object();
  json.key("id").value(event.actor_id).key("kind").value(to_string(event.actor_kind)).key("role").value(event.role);
  json.end_object();
}

void append_cause(JsonWriter& json, const Event& event) {
  if (event.caused_by) {
    json.key("causedBy").value(*event.caused_by);
  }
}

void append_corrects(JsonWriter& json, const Event& event) {
  if (event.corrects.kind != CorrectionKind::kNone) {
    json.key("corrects").begin_object();
    json.key("position").value(event.corrects.position).key("kind").value(to_string(event.corrects.kind));
    json.end_object();
  }
}

void append_findings(JsonWriter& json, std::span<const FindingView> findings) {
  json.key("findings").begin_array();
  for (const FindingView& finding : findings) {
    json.begin_object();
    json.key("code").value(finding.code).key("severity").value(to_string(finding.severity));
    if (!finding.path.empty()) {
      json.key("path").value(finding.path);
    }
    if (!finding.args.empty()) {
      json.key("args").begin_object();
      for (const Argument& argument : finding.args) {
        json.key(argument.name).value(argument.text);
      }
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
}

void append_due(JsonWriter& json, std::span<const DueView> due) {
  json.key("due").begin_array();
  for (const DueView& one : due) {
    json.begin_object();
    json.key("rule").value(one.rule).key("subject").value(one.subject).key("due").value(to_text(one.due));
    json.end_object();
  }
  json.end_array();
}

void append_transfers(JsonWriter& json, std::span<const TransferView> transfers) {
  json.key("transfers").begin_array();
  for (const TransferView& transfer : transfers) {
    json.begin_object();
    json.key("debit").value(transfer.debit).key("credit").value(transfer.credit);
    json.key("amount").begin_object();
    json.key("minor").value(transfer.amount).key("currency").value(transfer.unit);
    json.end_object();
    json.key("phase").value(to_string(transfer.phase)).key("rule").value(transfer.rule);
    json.end_object();
  }
  json.end_array();
}

void append_rules(JsonWriter& json, std::span<const RuleVersionView> rules) {
  json.key("rules").begin_array();
  for (const RuleVersionView& rule : rules) {
    json.begin_object();
    json.key("family").value(rule.family).key("version").value(rule.version);
    json.end_object();
  }
  json.end_array();
}

void append_data(JsonWriter& json, std::string& out, const Event& event, const PayloadType& type,
                 std::span<const PersonalField> opened) {
  json.key("data").raw("");
  type.append_json(event.payload, opened, out);
}

}  // namespace

void append_event_json(const Event& event, const PayloadType& type, std::span<const PersonalField> opened,
                       std::string& out) {
  JsonWriter json(out);
  json.begin_object();
  json.key("position").value(event.position).key("commit").value(event.commit);
  json.key("stream").value(event.stream).key("streamVersion").value(event.stream_version);
  json.key("streamPrevious").value(event.stream_previous);
  json.key("type").value(event.type).key("revision").value(static_cast<std::uint64_t>(event.revision));
  json.key("nature").value(event.derived ? "derived" : "fact");
  json.key("occurredAt").value(to_text(event.occurred_at)).key("bookedAt").value(to_text(event.booked_at));
  json.key("recordedAt").value(to_text(event.recorded_at));
  json.key("tags").begin_array();
  for (const TagVersion& tag : event.tags) {
    json.value(tag.name);
  }
  json.end_array();
  append_numbers(json.key("tagVersions"), event.tags, &TagVersion::version);
  append_numbers(json.key("tagPrevious"), event.tags, &TagVersion::previous);
  append_corrects(json, event);
  json.key("basis").value(to_string(event.basis));
  append_source(json, event);
  append_cause(json, event);
  append_actor(json, event);
  json.key("channel").value(event.channel);
  json.key("command").value(base::to_hex(event.command));
  json.key("requestDigest").value(base::to_hex(event.request_digest));
  append_rules(json, event.rules);
  append_data(json, out, event, type, opened);
  append_findings(json, event.findings);
  append_due(json, event.due);
  append_transfers(json, event.transfers);
  json.end_object();
}

void append_export_line(std::span<const ExportEvent> events, std::string_view command, std::string& out) {
  JsonWriter json(out);
  json.begin_object();
  if (!command.empty()) {
    json.key("command").value(command);
  }
  if (!events.empty()) {
    const Event& first = *events.front().event;
    json.key("basis").value(to_string(first.basis));
    append_source(json, first);
    if (first.source_name.empty()) {
      json.key("source").null();  // an importer would name its file
    }
    append_cause(json, first);
    append_actor(json, first);
    json.key("channel").value(first.channel);
  }
  json.key("events").begin_array();
  for (const ExportEvent& exported : events) {
    const Event& event = *exported.event;
    json.begin_object();
    json.key("stream").value(event.stream).key("type").value(event.type);
    json.key("occurredAt").value(to_text(event.occurred_at));
    if (event.booked_at != event.occurred_at) {
      json.key("bookedAt").value(to_text(event.booked_at));
    }
    if (!exported.host_tags.empty()) {
      json.key("tags").begin_array();
      for (const std::string_view tag : exported.host_tags) {
        json.value(tag);
      }
      json.end_array();
    }
    append_corrects(json, event);
    if (!exported.stated_findings.empty()) {
      append_findings(json, exported.stated_findings);
    }
    append_data(json, out, event, *exported.type, exported.opened);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace carnet::codec
