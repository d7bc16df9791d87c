// SPDX-License-Identifier: Apache-2.0
#include "fines_rows.hpp"

#include <carnet/schema/case.capnp.h>
#include <carnet/schema/ledger.capnp.h>
#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/violation.capnp.h>
#include <carnet/typed.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace example {

namespace {

using carnet::CorrectionKind;
using carnet::make_event;
using carnet::make_payload;
using carnet::Money;
using carnet::set_box;
using carnet::set_money;
using carnet::Severity;
using Amended = carnet::schema::TrafficViolationAmended;

// The importer's constants: the source names none of them.
constexpr const char* kAuthority = "road-police";
constexpr const char* kCollector = "credit-collection";
constexpr const char* kNotice = "violationNotice";

/// Codes whose meaning is inferred from where they stand: `#` beside the prefecture, `G` beside the judge.
bool dismisses(std::string_view code) noexcept {
  return code == "#" || code == "G";
}

bool is_stated(std::string_view code) noexcept {
  return !code.empty() && code != "NIL";
}

Rejection missing(std::string_view column) {
  return {.error = "FieldMissing", .column = std::string(column), .message = "the row needs it"};
}

/// What every event on a violation carries.
template <class Builder>
void set_violation(Builder event, const std::string& id, const std::string& party) {
  event.setViolationId(id.c_str());
  event.setParty(party.c_str());
  event.setAuthority(kAuthority);
}

}  // namespace

FineRows::FineRows(ImportHost& host) : host_(host), zone_(std::string(kFinesFeed.zone)) {
  const auto currency = carnet::Currency::parse(kFinesFeed.currency);
  currency_ = currency ? *currency : carnet::Currency{};
}

void FineRows::import_row() {
  if (auto fault = host_.row_fault()) {
    host_.reject(std::move(*fault));
    return;
  }
  case_ = host_.field(kCase);
  party_ = "external/" + case_;
  stream_ = "violation/" + case_;
  keeps_receipt_ = false;
  Fine& kept = fines_[case_];
  fine_ = kept;
  request_ = host_.new_request();
  Problem problem = read_time();
  if (!problem) {
    problem = take_row();
  }
  // The n-th payment row is the n-th, whether or not it can be true.
  kept.payments = fine_.payments;
  if (problem) {
    host_.reject(std::move(*problem));
    return;
  }
  for (carnet::EventDraft& event : request_.events) {
    event.findings.insert(event.findings.end(), time_findings_.begin(), time_findings_.end());
  }
  if (host_.submit(std::move(request_), keeps_receipt_)) {
    kept = std::move(fine_);
  }
}

FineRows::Problem FineRows::take_row() {
  struct Activity {
    std::string_view name;
    Problem (FineRows::*take)();
  };

  static constexpr Activity kActivities[] = {
      {"Create Fine", &FineRows::create},
      {"Send Fine", &FineRows::send},
      {"Insert Fine Notification", &FineRows::notify},
      {"Add penalty", &FineRows::add_penalty},
      {"Payment", &FineRows::pay},
      {"Insert Date Appeal to Prefecture", &FineRows::appeal_to_prefecture},
      {"Send Appeal to Prefecture", &FineRows::appeal_to_prefecture},
      {"Appeal to Judge", &FineRows::appeal_to_judge},
      {"Receive Result Appeal from Prefecture", &FineRows::result_of_appeal},
      {"Notify Result Appeal to Offender", &FineRows::result_of_appeal},
      {"Send for Credit Collection", &FineRows::collect},
  };
  const std::string_view name = host_.field(kActivity);
  const auto* activity = std::ranges::find(kActivities, name, &Activity::name);
  if (activity == std::end(kActivities)) {
    return Rejection{.error = "UnknownActivity",
                     .column = "concept:name",
                     .message = "not an activity that the domain has an event for"};
  }
  if (Problem problem = (this->*activity->take)()) {
    return problem;
  }
  take_dismissal(host_.field(kDismissal));
  return std::nullopt;
}

// ---- Values ----

FineRows::Problem FineRows::read_time() {
  time_findings_.clear();
  const std::string_view text = host_.field(kTime);
  std::string_view rest;
  const auto local = parse_local_seconds(text, &rest);
  if (!local) {
    return Rejection{.error = "BadTime", .column = "time:timestamp", .message = "not a time"};
  }
  const LocalInstants instants = zone_.instants(*local);
  if (rest.empty()) {
    time_ = instants.candidates.front();
    if (instants.ambiguous() || instants.skipped) {
      time_findings_.push_back({.code = instants.skipped ? "NonexistentLocalTime" : "AmbiguousLocalTime",
                                .severity = Severity::kInfo,
                                .path = "occurredAt",
                                .args = {{"local", std::string(text)}, {"zone", std::string(kFinesFeed.zone)}}});
    }
    return std::nullopt;
  }
  const auto given = carnet::parse_timestamp(text);
  if (!given) {
    return Rejection{.error = "BadTime", .column = "time:timestamp", .message = "not a time with an offset"};
  }
  time_ = *given;
  if (std::ranges::find(instants.candidates, time_) == instants.candidates.end()) {
    time_findings_.push_back({.code = "TimeAssumed",
                              .severity = Severity::kInfo,
                              .path = "occurredAt",
                              .args = {{"given", std::string(text)}, {"zone", std::string(kFinesFeed.zone)}}});
  }
  return std::nullopt;
}

std::variant<Money, Rejection> FineRows::money_of(FineColumn column) const {
  const std::string_view text = host_.field(column);
  const std::string_view name = kFineColumns[column];
  if (text.empty()) {
    return missing(name);
  }
  const auto money = carnet::parse_decimal(text, currency_);
  if (!money) {
    return Rejection{.error = money.error().name(), .column = std::string(name), .message = money.error().message()};
  }
  if (money->minor < 0) {
    return Rejection{.error = "AmountNotPositive", .column = std::string(name), .message = "the amount is below 0"};
  }
  return *money;
}

// ---- Activities ----

FineRows::Problem FineRows::create() {
  const auto amount = money_of(kAmount);
  if (const auto* bad = std::get_if<Rejection>(&amount); bad != nullptr) {
    return *bad;
  }
  const Money money = std::get<Money>(amount);
  std::optional<std::uint16_t> points;
  if (const std::string_view text = host_.field(kPoints); !text.empty()) {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      return Rejection{.error = "BadValue", .column = "points", .message = "not a count of points"};
    }
    points = value;
  }
  const std::string article(host_.field(kArticle));
  request_.events.push_back(make_event<carnet::schema::TrafficViolationRecorded>(stream_, time_, [&](auto event) {
    set_violation(event, case_, party_);
    event.setViolationAt(time_.ns);
    set_money(event.initFine(), money);
    event.setAuthorityRef(case_.c_str());
    if (!article.empty()) {
      event.setCode(article.c_str());
    }
    carnet::set_optional(points, [&] { return event.initPoints(); });
  }));
  request_.events.push_back(make_event<carnet::schema::TrafficViolationCharged>(stream_, time_, [&](auto event) {
    set_violation(event, case_, party_);
    set_money(event.initFine(), money);
  }));
  fine_.fine += money.minor;
  return std::nullopt;
}

FineRows::Problem FineRows::send() {
  if (!host_.field(kExpense).empty()) {
    const auto amount = money_of(kExpense);
    if (const auto* bad = std::get_if<Rejection>(&amount); bad != nullptr) {
      return *bad;
    }
    if (const Money money = std::get<Money>(amount); money.minor > 0) {
      request_.events.push_back(amendment(make_payload<Amended>([&](auto event) {
        set_violation(event, case_, party_);
        event.setKind(Amended::Kind::EXPENSE);
        set_money(event.initExpense(), money);
      })));
      fine_.expenses += money.minor;
    }
  }
  add_notice(stream_, {}, {});
  return std::nullopt;
}

FineRows::Problem FineRows::notify() {
  add_notice(stream_, host_.field(kNotification), host_.field(kLastSent));
  return std::nullopt;
}

FineRows::Problem FineRows::add_penalty() {
  const auto amount = money_of(kAmount);
  if (const auto* bad = std::get_if<Rejection>(&amount); bad != nullptr) {
    return *bad;
  }
  const Money money = std::get<Money>(amount);
  request_.events.push_back(amendment(make_payload<Amended>([&](auto event) {
    set_violation(event, case_, party_);
    event.setKind(Amended::Kind::PENALTY);
    set_money(event.initNewFine(), money);
  })));
  fine_.fine = money.minor;
  return std::nullopt;
}

FineRows::Problem FineRows::pay() {
  const std::uint32_t number = ++fine_.payments;
  const auto amount = money_of(kPayment);
  if (const auto* bad = std::get_if<Rejection>(&amount); bad != nullptr) {
    return *bad;
  }
  const Money money = std::get<Money>(amount);
  if (money.minor == 0) {
    return Rejection{.error = "AmountNotPositive", .column = "paymentAmount", .message = "a payment of nothing"};
  }
  const std::string id = fmt::format("{}.{}", case_, number);
  auto event = make_event<carnet::schema::PaymentReceived>("payment/" + id, time_, [&](auto payment) {
    using Payment = carnet::schema::PaymentReceived;
    payment.setPaymentId(id.c_str());
    payment.setParty(party_.c_str());
    payment.setPayer(Payment::Payer::OTHER);
    payment.setPurpose(Payment::Purpose::SETTLEMENT);
    payment.setMethod("notStated");
    set_money(payment.initAmount(), money);
    payment.initDeductions(0);
    auto allocation = payment.initAllocatedTo(1)[0];
    allocation.setViolationId(case_.c_str());
    set_money(allocation.initAmount(), money);
  });
  fine_.paid += money.minor;
  // The source's running total is compared and not kept: the payments govern.
  const auto total = carnet::parse_decimal(host_.field(kTotal), currency_);
  if (!host_.field(kTotal).empty() && (!total || total->minor != fine_.paid)) {
    event.findings.push_back({.code = "TotalDisagrees",
                              .severity = Severity::kWarning,
                              .path = "data.amount",
                              .args = {{"stated", std::string(host_.field(kTotal).substr(0, 32))},
                                       {"sum", carnet::to_amount_text(Money{fine_.paid, currency_})}}});
  }
  request_.events.push_back(std::move(event));
  return std::nullopt;
}

FineRows::Problem FineRows::appeal(std::string_view authority) {
  const std::string_view code = host_.field(kDismissal);
  request_.events.push_back(amendment(make_payload<Amended>([&](auto event) {
    set_violation(event, case_, party_);
    event.setKind(Amended::Kind::CONTESTED);
    event.setCaseId(case_.c_str());
    if (is_stated(code) && !dismisses(code)) {
      event.setCodeAsGiven(std::string(code).c_str());
    }
  })));
  const std::string stream = "case/" + case_;
  if (!fine_.appealed) {
    using Feedback = carnet::schema::FeedbackReceived;
    request_.events.push_back(make_event<Feedback>(stream, time_, [&](auto feedback) {
      feedback.setCaseId(case_.c_str());
      feedback.setParty(party_.c_str());
      feedback.setViolationId(case_.c_str());
      feedback.setReferenceNo(case_.c_str());
      feedback.setChannel("notStated");
      feedback.setIntakeOrigin("notStated");
      feedback.setCustomerVoicedAt(time_.ns);
      feedback.initFieldMask(0);
      feedback.setOrderRef(Feedback::OrderRef::NOT_APPLICABLE);
    }));
    fine_.appealed = true;
  }
  request_.events.push_back(make_event<carnet::schema::CaseReferred>(stream, time_, [&](auto referred) {
    referred.setCaseId(case_.c_str());
    referred.setParty(party_.c_str());
    referred.setViolationId(case_.c_str());
    referred.setAuthority(std::string(authority).c_str());
    referred.setRef(case_.c_str());
  }));
  return std::nullopt;
}

FineRows::Problem FineRows::result_of_appeal() {
  add_notice("case/" + case_, {}, {});
  return std::nullopt;
}

FineRows::Problem FineRows::collect() {
  const Money money{fine_.due(), currency_};
  request_.events.push_back(make_event<carnet::schema::ReceivableAssigned>(stream_, time_, [&](auto event) {
    set_violation(event, case_, party_);
    event.setCollector(kCollector);
    set_money(event.initAmount(), money);
  }));
  fine_.assigned += money.minor;
  return std::nullopt;
}

void FineRows::add_notice(std::string stream, std::string_view code, std::string_view last_sent) {
  using Notice = carnet::schema::NoticeSent;
  request_.events.push_back(make_event<Notice>(std::move(stream), time_, [&](auto notice) {
    notice.initKinds(1).set(0, kNotice);
    notice.setAbout(stream_.c_str());
    notice.setParty(party_.c_str());
    notice.setAudience(Notice::Audience::CUSTOMER);
    notice.setPurpose("service");
    if (!code.empty()) {
      notice.setCodeAsGiven(std::string(code).c_str());
    }
    if (!last_sent.empty()) {
      notice.setLastSentAsGiven(std::string(last_sent).c_str());
    }
  }));
}

// ---- Dismissals: the last code of a fine governs ----

void FineRows::take_dismissal(std::string_view code) {
  if (code == "NIL") {
    fine_.governing.clear();
    reverse_dismissals();
    return;
  }
  if (dismisses(code)) {
    fine_.governing = code;
    dismiss(code);
    return;
  }
  if (!code.empty()) {
    fine_.governing.clear();
    request_.events.front().findings.push_back(
        {.code = "UnknownCode",
         .severity = Severity::kWarning,
         .path = {},
         .args = {{"list", "dismissal"}, {"code", std::string(code.substr(0, 32))}}});
    return;
  }
  // What a row adds while a dismissal stands is dismissed with it.
  if (!fine_.governing.empty() && fine_.due() > 0) {
    dismiss(std::string(fine_.governing));
  }
}

carnet::EventDraft FineRows::amendment(carnet::Payload payload) const {
  carnet::EventDraft event;
  event.stream = stream_;
  event.type = "TrafficViolationAmended";
  event.occurred_at = time_;
  event.payload = std::move(payload);
  return event;
}

carnet::Payload FineRows::dismissal_payload(std::string_view code) const {
  return make_payload<Amended>([&](auto event) {
    set_violation(event, case_, party_);
    event.setKind(Amended::Kind::DISMISSED);
    event.setCodeAsGiven(std::string(code).c_str());
  });
}

void FineRows::dismiss(std::string_view code) {
  fine_.standing.push_back(
      {.line = host_.line(), .event = request_.events.size(), .code = std::string(code), .amount = fine_.due()});
  request_.events.push_back(amendment(dismissal_payload(code)));
  fine_.cancelled += fine_.standing.back().amount;
  keeps_receipt_ = true;
}

void FineRows::reverse_dismissals() {
  // Last first, as each builds on the one before.
  for (auto dismissal = fine_.standing.rbegin(); dismissal != fine_.standing.rend(); ++dismissal) {
    const auto receipt = host_.receipt_of(dismissal->line);
    if (!receipt) {
      continue;  // It was refused: nothing of it stands.
    }
    carnet::EventDraft reversal = amendment(dismissal_payload(dismissal->code));
    reversal.corrects = {.position = receipt->first_position + dismissal->event, .kind = CorrectionKind::kReversal};
    request_.events.push_back(std::move(reversal));
    fine_.cancelled -= dismissal->amount;
  }
  fine_.standing.clear();
}

}  // namespace example
