// SPDX-License-Identifier: Apache-2.0
//
// FineRows: a row of the fines file becomes events, by the table of DOMAIN.md §10. What it keeps of a fine between rows
// is what its later rows need: what is due, the dismissals that stand, the count and sum of payments.
#pragma once

#include "support/import_host.hpp"
#include "support/local_time.hpp"

#include <carnet/money.hpp>
#include <carnet/request.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace example {

enum FineColumn : std::size_t {
  kCase,
  kActivity,
  kTime,
  kAmount,
  kDismissal,
  kTotal,
  kArticle,
  kPoints,
  kExpense,
  kNotification,
  kLastSent,
  kPayment,
  kFineColumnCount
};

inline constexpr std::array<std::string_view, kFineColumnCount> kFineColumns{
    "case:concept:name", "concept:name", "time:timestamp", "amount",           "dismissal", "totalPaymentAmount",
    "article",           "points",       "expense",        "notificationType", "lastSent",  "paymentAmount"};

inline constexpr Feed kFinesFeed{
    .program = "import_fines",
    .what = "the fines of the road-traffic-fines set as traffic violations with their payments",
    .source = "road-traffic-fines",
    .zone = "Europe/Rome",
    .currency = "EUR",
    .jurisdiction = "IT",
    .columns = kFineColumns};

class FineRows {
 public:
  explicit FineRows(ImportHost& host);

  /// Submits or rejects the host's current row.
  void import_row();

 private:
  /// A dismissal that no later `NIL` has reversed.
  struct Dismissal {
    std::uint64_t line = 0;   ///< Row of its commit …
    std::uint64_t event = 0;  ///< … and place in it.
    std::string code;
    std::int64_t amount = 0;  ///< What it cancelled.
  };

  /// Amounts in cents; charged + credit = paid + cancelled + assigned + due.
  struct Fine {
    std::int64_t fine = 0;
    std::int64_t expenses = 0;
    std::int64_t paid = 0;
    std::int64_t cancelled = 0;
    std::int64_t assigned = 0;
    std::uint32_t payments = 0;  ///< Rows, also those that were rejected.
    bool appealed = false;
    std::string governing;  ///< Last dismissal code, if it is one that dismisses.
    std::vector<Dismissal> standing;

    [[nodiscard]] std::int64_t due() const noexcept {
      const std::int64_t net = fine + expenses - paid - cancelled - assigned;
      return net > 0 ? net : 0;
    }
  };

  using Problem = std::optional<Rejection>;

  // One for each activity; each appends its events to request_ and moves fine_.
  [[nodiscard]] Problem create();
  [[nodiscard]] Problem send();
  [[nodiscard]] Problem notify();
  [[nodiscard]] Problem add_penalty();
  [[nodiscard]] Problem pay();

  [[nodiscard]] Problem appeal_to_prefecture() { return appeal("prefecture"); }

  [[nodiscard]] Problem appeal_to_judge() { return appeal("judge"); }

  [[nodiscard]] Problem result_of_appeal();
  [[nodiscard]] Problem collect();
  [[nodiscard]] Problem appeal(std::string_view authority);

  [[nodiscard]] Problem take_row();
  void take_dismissal(std::string_view code);
  void dismiss(std::string_view code);
  void reverse_dismissals();
  void add_notice(std::string stream, std::string_view code, std::string_view last_sent);
  [[nodiscard]] std::variant<carnet::Money, Rejection> money_of(FineColumn column) const;
  [[nodiscard]] Problem read_time();
  [[nodiscard]] carnet::EventDraft amendment(carnet::Payload payload) const;
  [[nodiscard]] carnet::Payload dismissal_payload(std::string_view code) const;

  ImportHost& host_;
  LocalZone zone_;
  carnet::Currency currency_;
  std::unordered_map<std::string, Fine> fines_;

  // Of the current row.
  std::string case_;
  std::string party_;
  std::string stream_;
  carnet::Timestamp time_;
  std::vector<carnet::StatedFinding> time_findings_;
  Fine fine_;
  carnet::Request request_;
  bool keeps_receipt_ = false;
};

}  // namespace example
