// SPDX-License-Identifier: Apache-2.0
//
// Verb events: NDJSON and export for programs; for people a line an event, with its data, findings and transfers below
// it.
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <carnet/import.hpp>

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <ostream>

namespace carnet::tool {

namespace {

Result<Exit> export_all(const Session& session, View& view) {
  OutputStreamBuffer buffer(session.out);
  std::ostream stream(&buffer);
  CARNET_TRY_VOID(export_ndjson(view, stream, session.stop));
  return Exit::kDone;
}

constexpr std::size_t kTextBytesMax = 160;
constexpr std::size_t kTextBytesShown = 64;

/// Schemas, parameters, digests of digests: nobody reads them in a table.
void shorten_texts(rapidjson::Value& value, rapidjson::Document::AllocatorType& memory) {
  if (value.IsObject()) {
    for (auto member = value.MemberBegin(); member < value.MemberEnd(); ++member) {
      shorten_texts(member->value, memory);
    }
  } else if (value.IsArray()) {
    for (auto& element : value.GetArray()) {
      shorten_texts(element, memory);
    }
  } else if (value.IsString() && value.GetStringLength() > kTextBytesMax) {
    const std::string_view text(value.GetString(), value.GetStringLength());
    std::size_t end = kTextBytesShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
      --end;  // not in the middle of a code point
    }
    const std::string shown = fmt::format("{}… ({} bytes)", text.substr(0, end), count_text(text.size()));
    value.SetString(shown.data(), static_cast<rapidjson::SizeType>(shown.size()), memory);
  }
}

/// The payload as it stands in the event's JSON, without its braces and with long texts cut.
std::string data_of(std::string_view event_json) {
  rapidjson::Document document;
  if (document.Parse(event_json.data(), event_json.size()).HasParseError() || !document.HasMember("data")) {
    return {};
  }
  shorten_texts(document["data"], document.GetAllocator());
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document["data"].Accept(writer);
  const std::string_view json(buffer.GetString(), buffer.GetSize());
  return json.size() > 2 ? std::string(json.substr(1, json.size() - 2)) : std::string();
}

std::string finding_text(const FindingView& finding) {
  std::string out = fmt::format("{} {}", to_string(finding.severity), finding.code);
  if (!finding.path.empty()) {
    out += fmt::format(" {}", finding.path);
  }
  for (const Argument& argument : finding.args) {
    out += fmt::format(" {}={}", argument.name, argument.text);
  }
  return out;
}

std::string transfer_text(const TransferView& transfer) {
  const auto currency = Currency::parse(transfer.unit);
  const std::string amount =
      currency ? amount_text({transfer.amount, *currency}) : fmt::format("{} {}", transfer.amount, transfer.unit);
  return fmt::format("{} debit {} credit {}{} ({})", amount, transfer.debit, transfer.credit,
                     transfer.phase == Phase::kPosted ? "" : fmt::format(" {}", to_string(transfer.phase)),
                     transfer.rule);
}

class EventTable {
 public:
  EventTable(const Session& session, View& view, Zone& zone)
      : view_(view),
        zone_(zone),
        table_(session.out, {{"position", base::Align::kRight},
                             {fmt::format("occurred ({})", zone.name())},
                             {"stream", base::Align::kLeft, true},
                             {"type"},
                             {"basis"}}) {}

  [[nodiscard]] Status add(const Event& event) {
    json_.clear();
    CARNET_TRY_VOID(view_.append_json(event, json_));
    std::string type(event.type);
    if (event.corrects.kind != CorrectionKind::kNone) {
      type += fmt::format(" ({} of {})", to_string(event.corrects.kind), event.corrects.position);
    }
    table_.row({fmt::to_string(event.position), zone_.text(event.occurred_at), std::string(event.stream),
                std::move(type), std::string(to_string(event.basis))});
    if (const std::string data = data_of(json_); !data.empty()) {
      table_.note(data);
    }
    for (const FindingView& finding : event.findings) {
      table_.note(finding_text(finding));
    }
    for (const DueView& due : event.due) {
      table_.note(fmt::format("due {} {} {}", zone_.text(due.due), due.rule, due.subject));
    }
    for (const TransferView& transfer : event.transfers) {
      table_.note(transfer_text(transfer));
    }
    return {};
  }

  bool finish() { return table_.finish(); }

 private:
  View& view_;
  Zone& zone_;
  Table table_;
  std::string json_;
};

}  // namespace

Result<Exit> run(const Session& session, const EventsCommand& command) {
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  CARNET_TRY(const std::unique_ptr<View> view, opened.ledger->view());
  if (command.do_export) {
    return export_all(session, *view);
  }
  Query query;
  if (!command.stream.empty() || !command.tag.empty() || !command.type.empty()) {
    QueryItem& item = query.any.emplace_back();
    if (!command.stream.empty()) {
      item.stream = command.stream;
    }
    if (!command.tag.empty()) {
      item.tags.push_back(command.tag);
    }
    if (!command.type.empty()) {
      item.types.push_back(command.type);
    }
  }
  ReadOptions options;
  options.after = command.after;
  options.limit = command.limit;
  options.stop = session.stop;
  if (session.json()) {
    std::string json;
    const auto print = [&](const Event& event) -> Result<bool> {
      json.clear();
      CARNET_TRY_VOID(view->append_json(event, json));
      session.out.json_line(json);
      return session.out.is_good();
    };
    CARNET_TRY_VOID(for_each_event(*view, query, options, print));
    return Exit::kDone;
  }
  CARNET_TRY(Zone zone, zone_for(session, *view, command.zone));
  EventTable table(session, *view, zone);
  const auto print = [&](const Event& event) -> Result<bool> {
    CARNET_TRY_VOID(table.add(event));
    return session.out.is_good();
  };
  CARNET_TRY_VOID(for_each_event(*view, query, options, print));
  if (!table.finish()) {
    session.console.say(fmt::format("{} {}: no event matches", session.verb, session.ledger.string()));
  }
  return Exit::kDone;
}

}  // namespace carnet::tool
