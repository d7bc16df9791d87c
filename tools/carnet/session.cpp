// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include "json.hpp"

#include <carnet/rental/domain.hpp>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <array>
#include <memory>

namespace carnet::tool {

namespace {

std::string_view text_of(RetryAdvice advice) {
  switch (advice) {
    case RetryAdvice::kNow:
      return "now";
    case RetryAdvice::kLater:
      return "later";
    case RetryAdvice::kAfterRepair:
      return "afterRepair";
    case RetryAdvice::kNever:
      return "never";
  }
  return "never";
}

/// Things that a user named and that are not there. A file that is missing from a store is another matter.
bool is_named_by_user(std::string_view error) {
  return error == "LedgerMissing" || error == "AfterUnknown" || error.starts_with("NoSuch");
}

OpenOptions options_for(const Session& session) {
  OpenOptions options;
  options.accept_clock = session.common.accept_clock;
  options.log = std::make_shared<ConsoleLogSink>(session.console);
  return options;
}

Result<Ledger::Opened> open(const Session& session, const OpenOptions& options) {
  const Waiting waiting(session.console, fmt::format("opening {}", session.ledger.string()));
  return Ledger::open(session.ledger, &rental_domain(), options);
}

}  // namespace

Ending ending_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNeedsConfirmation:
      return {Exit::kNo, "refused"};
    case ErrorCode::kNotFound:
      return is_named_by_user(error.name()) ? Ending{Exit::kNo, "notFound"} : Ending{Exit::kWorld, "error"};
    case ErrorCode::kCancelled:
      return {Exit::kWorld, "stopped"};
    case ErrorCode::kBusy:
    case ErrorCode::kOutOfSpace:
    case ErrorCode::kStorage:
    case ErrorCode::kCorruption:
    case ErrorCode::kUnsupportedFormat:
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kClosed:
    case ErrorCode::kExpired:
      return {Exit::kWorld, "error"};
  }
  return {Exit::kWorld, "error"};
}

Result<Ledger::Opened> open_for_reading(const Session& session) {
  OpenOptions options = options_for(session);
  options.read_only = true;
  return open(session, options);
}

OpenOptions writing_options(const Session& session, const std::filesystem::path& keys) {
  OpenOptions options = options_for(session);
  options.durability = Durability::kOs;
  options.key_folder = keys;
  return options;
}

Result<Ledger::Opened> open_for_writing(const Session& session, const OpenOptions& options) {
  return open(session, options);
}

Result<Zone> zone_for(const Session& session, View& view, const std::optional<Zone>& given) {
  if (given) {
    return *given;
  }
  Query query;
  query.any.push_back({.stream = "ledger/self", .tags = {}, .types = {"LedgerOpened"}});
  std::string json;
  ReadOptions options;
  options.limit = 1;
  const auto keep = [&](const Event& event) -> Result<bool> {
    CARNET_TRY_VOID(view.append_json(event, json));
    return false;
  };
  CARNET_TRY_VOID(for_each_event(view, query, options, keep));
  std::string name = "UTC";
  rapidjson::Document document;
  if (!json.empty() && !document.Parse(json.data(), json.size()).HasParseError() && document["data"].IsObject() &&
      document["data"].HasMember("businessTz")) {
    const rapidjson::Value& zone = document["data"]["businessTz"];
    name.assign(zone.GetString(), zone.GetStringLength());
  }
  if (auto found = Zone::find(name)) {
    return found;
  }
  session.console.say(
      fmt::format("{}: this machine knows no time zone {}: times are shown in UTC; give --zone, or install a "
                  "newer tzdata",
                  session.verb, name));
  return Zone::find("UTC");
}

Timestamp first_of(const Moment& moment, const Zone& zone) {
  const auto* day = std::get_if<LocalDate>(&moment);
  return day != nullptr ? zone.start_of(*day) : std::get<Timestamp>(moment);
}

Timestamp last_of(const Moment& moment, const Zone& zone) {
  const auto* day = std::get_if<LocalDate>(&moment);
  return day != nullptr ? zone.end_of(*day) : std::get<Timestamp>(moment);
}

Result<std::uint64_t> position_known_at(View& view, const KnownAt& known, const Zone& zone) {
  if (const auto* position = std::get_if<std::uint64_t>(&known)) {
    return *position;
  }
  const Timestamp until = last_of(std::get<Moment>(known), zone);
  // recordedAt never decreases: the first position behind `until` is found by halving.
  std::uint64_t low = 0;
  std::uint64_t high = view.position();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    bool is_later = false;
    ReadOptions options;
    options.after = middle;
    options.limit = 1;
    CARNET_TRY_VOID(for_each_event(view, {}, options, [&](const Event& event) -> Result<bool> {
      is_later = event.recorded_at > until;
      return false;
    }));
    if (is_later) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

Result<StatesThen> StatesThen::make(const Session& session, View& view, const std::optional<Moment>& as_of,
                                    const std::optional<KnownAt>& known_at, const Zone& zone,
                                    std::vector<std::string> projections) {
  StatesThen out(view);
  if (!as_of && !known_at) {
    return out;
  }
  AsOfOptions options;
  options.projections = std::move(projections);
  options.stop = session.stop;
  if (as_of) {
    options.as_of = last_of(*as_of, zone);
  }
  if (known_at) {
    CARNET_TRY(options.known_at, position_known_at(view, *known_at, zone));
    if (options.known_at == 0) {
      options.as_of = Timestamp{INT64_MIN};  // Nothing was known: to the fold, 0 is the head.
    }
  }
  const Waiting waiting(session.console, fmt::format("{} as of another time", session.verb));
  CARNET_TRY(out.fold_, view.as_of(options));
  return out;
}

Status for_each_event(View& view, const Query& query, const ReadOptions& options,
                      const std::function<Result<bool>(const Event&)>& each) {
  CARNET_TRY(const auto cursor, view.read(query, options));
  while (true) {
    CARNET_TRY(const Event* event, cursor->next());
    if (event == nullptr) {
      return {};
    }
    CARNET_TRY(const bool go_on, each(*event));
    if (!go_on) {
      return {};
    }
  }
}

Exit report(const Session& session, const Error& error) {
  const Ending ending = ending_of(error);
  session.console.say(fmt::format("{} {}: {}", session.verb, session.ledger.string(), error.to_line()));
  if (session.json()) {
    print_ending(session.out, ending.outcome, error);
  }
  return ending.exit;
}

void print_ending(Output& out, std::string_view outcome, const Error& error) {
  std::string facts;
  JsonObject inner(facts);
  for (const Fact& fact : error.facts()) {
    inner.text(fact.name, fact.value);
  }
  inner.end();
  std::string json;
  JsonObject(json)
      .text("outcome", outcome)
      .text("error", error.name())
      .text("message", error.message())
      .raw("facts", facts)
      .text("retry", text_of(retry_advice(error.code())))
      .end();
  out.json_line(json);
}

}  // namespace carnet::tool
