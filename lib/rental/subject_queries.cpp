// SPDX-License-Identifier: Apache-2.0
#include "rental/rule_book.hpp"
#include "rental/subject_view.hpp"
#include "rental/view_lists.hpp"

#include <carnet/rental/subjects.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace carnet {

namespace {

using rental::Keep;
using rental::KeepRow;
using rental::Machine;
using rental::MachinePlan;
using rental::RuleBook;
using rental::SubjectRow;
using rental::SubjectTable;
using namespace rental::lists;

/// A lifecycle with what printing a row of it needs.
struct Described {
  Lifecycle shown;
  Machine machine = Machine::kLedger;
  std::vector<std::string_view> link_fields;  // as SubjectLink::field
  std::vector<const rental::MarkRow*> marks;
  const KeepRow* kept = nullptr;
  std::string_view kept_name;
  const KeepRow* tag = nullptr;
  rental::EnumField kind;
};

/// How a kept number is shown; one without a line here is a plain `value`.
struct KeptForm {
  Keep keep;
  std::string_view name;
  bool is_time;
};

constexpr KeptForm kKeptForms[] = {
    {Keep::kExpiresAt, "expiresAt", true},
    {Keep::kAt, "at", true},
    {Keep::kOccurred, "occurredAt", true},
    {Keep::kVersion, "version", false},
    {Keep::kPurpose, "purpose", false},
    {Keep::kKind, "kind", false},
    {Keep::kPayer, "payer", false},
    {Keep::kProfile, "profile", false},
    {Keep::kEffectiveFrom, "effectiveFrom", true},
    {Keep::kValidUntil, "validUntilDay", false},
};

KeptForm form_of(Keep keep) {
  const auto* const found = std::ranges::find(kKeptForms, keep, &KeptForm::keep);
  return found == std::end(kKeptForms) ? KeptForm{keep, "value", false} : *found;
}

Described describe(const RuleBook& book, const rental::MachineRow& row) {
  const MachinePlan& plan = book.machine(row.machine);
  Described out;
  out.machine = row.machine;
  out.shown = {.name = row.name,
               .section = row.rule,
               .family = row.family,
               .keyed = plan.key != nullptr,
               .projection = row.projection,
               .states = plan.states,
               .sums = plan.sums,
               .links = {}};
  rental::for_each_word(row.links, ' ', [&](std::string_view link) {
    const std::size_t colon = link.find(':');
    out.shown.links.push_back(link.substr(0, colon));
    out.link_fields.push_back(colon == std::string_view::npos ? std::string_view() : link.substr(colon + 1));
  });
  for (const rental::MarkRow& mark : book.tables().marks) {
    if (mark.machine == row.machine) {
      out.marks.push_back(&mark);
    }
  }
  for (const KeepRow& keep : book.tables().keeps) {
    if (keep.machine != row.machine) {
      continue;
    }
    const KeepRow*& place = keep.as_tag ? out.tag : out.kept;
    place = place == nullptr ? &keep : place;
  }
  if (out.kept != nullptr) {
    out.kept_name = form_of(out.kept->keep).name;
  }
  if (out.tag != nullptr && !out.tag->event.empty()) {
    out.kind = book.tables().events[book.type_of(out.tag->event)].kept(out.tag->keep);
  }
  return out;
}

/// Made once; both lists in the order of the machines' rows.
struct Catalog {
  std::vector<Described> described;
  std::vector<Lifecycle> shown;

  Catalog() {
    const RuleBook& book = rental::rental_book();
    for (const rental::MachineRow& row : book.tables().machines) {
      if (!row.projection.empty()) {
        described.push_back(describe(book, row));
      }
    }
    for (const Described& each : described) {
      shown.push_back(each.shown);
    }
  }

  [[nodiscard]] const Described* find(std::string_view name) const {
    const auto found = std::ranges::find(shown, name, &Lifecycle::name);
    return found == shown.end() ? nullptr : &described[static_cast<std::size_t>(found - shown.begin())];
  }
};

const Catalog& catalog() {
  static const Catalog all;
  return all;
}

/// A subject that was there once keeps its state after a reversal: `reversed` is one too.
bool is_there(const SubjectRow& row) {
  return row.first != 0 || row.state != rental::kNone;
}

/// Tables of one lifecycle in a view.
class Rows {
 public:
  Rows(const StateView& view, const Described& of)
      : view_(view),
        of_(&of),
        plan_(&rental::rental_book().machine(of.machine)),
        table_(rental::subject_table(view, of.machine)) {}

  [[nodiscard]] const Described& of() const noexcept { return *of_; }

  [[nodiscard]] SubjectRow get(std::uint32_t number) const { return table_.get(view_.tables(), number); }

  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(table_.count(view_.tables())); }

  /// Number of the subject that a `parent/id` or an id names; 0: none.
  [[nodiscard]] Result<std::uint32_t> find(std::string_view id) const {
    if (!of_->shown.keyed) {
      CARNET_TRY(const auto member, member_of(view_, of_->shown.family, id));
      return member ? *member + 1 : 0;
    }
    std::uint32_t scope = 0;
    if (const std::size_t slash = id.find('/'); slash != std::string_view::npos) {
      if (of_->shown.family.empty()) {
        return 0U;
      }
      CARNET_TRY(const auto parent, member_of(view_, of_->shown.family, id.substr(0, slash)));
      if (!parent) {
        return 0U;
      }
      scope = *parent + 1;
      id.remove_prefix(slash + 1);
    }
    return table_.find(view_.tables(), scope, id);
  }

  /// Which member of a family, plus 1, a subject belongs to; 0: to none.
  [[nodiscard]] std::uint32_t owner(const SubjectRow& row, Symbol family) const {
    if (of_->shown.keyed && plan_->family == family) {
      return row.parent;
    }
    for (std::size_t i = 0; i < plan_->links.size(); ++i) {
      if (plan_->links[i].family == family && row.links[i] != 0) {
        return row.links[i];
      }
    }
    return 0;
  }

  [[nodiscard]] bool can_belong_to(Symbol family) const {
    return (of_->shown.keyed && plan_->family == family) ||
           std::ranges::find(plan_->links, family, &rental::LinkPlan::family) != plan_->links.end();
  }

  [[nodiscard]] Result<Subject> subject(std::uint32_t number, const SubjectRow& row) const;

 private:
  [[nodiscard]] Status name_it(std::uint32_t number, const SubjectRow& row, Subject& out) const;

  StateView view_;
  const Described* of_;
  const MachinePlan* plan_;
  SubjectTable table_;
};

Status Rows::name_it(std::uint32_t number, const SubjectRow& row, Subject& out) const {
  const Lifecycle& shown = of_->shown;
  if (shown.keyed) {
    const rental::KeyRow key = table_.key(view_.tables(), number);
    out.id.assign(key.text.data(), static_cast<std::size_t>(key.size));
    if (key.scope != 0) {
      CARNET_TRY(out.parent, member_id(view_, shown.family, key.scope - 1));
    }
  } else {
    CARNET_TRY(out.id, member_id(view_, shown.family, number - 1));
  }
  CARNET_TRY(out.party, party_text(view_, row.party));
  for (std::size_t i = 0; i < shown.links.size(); ++i) {
    if (row.links[i] != 0) {
      CARNET_TRY(std::string id, member_id(view_, shown.links[i], row.links[i] - 1));
      out.links.push_back({shown.links[i], of_->link_fields[i], std::move(id)});
    }
  }
  return {};
}

Result<Subject> Rows::subject(std::uint32_t number, const SubjectRow& row) const {
  Subject out;
  out.lifecycle = &catalog().shown[static_cast<std::size_t>(of_ - catalog().described.data())];
  out.state = rental::state_name(of_->machine, row.state);
  out.since = Timestamp{row.since_ns};
  out.first = row.first;
  out.moved = row.moved;
  out.currency = Currency(row.currency);
  out.assumed = row.assumed != 0;
  for (std::size_t i = 0; i < plan_->sums.size(); ++i) {
    out.sums.push_back({plan_->sums[i], row.sums[i]});
  }
  if (std::ranges::any_of(plan_->weights, [](std::int8_t weight) { return weight != 0; })) {
    out.remaining = rental::remaining(*plan_, row);
  }
  for (const rental::MarkRow* mark : of_->marks) {
    if (row.marks[mark->mark] != 0) {
      out.marks.push_back({mark->event, row.marks[mark->mark]});
    }
  }
  out.kept_name = of_->kept_name;
  if (of_->kept != nullptr && row.value != 0) {
    if (form_of(of_->kept->keep).is_time) {
      out.kept_time = Timestamp{row.value};
    } else {
      out.kept_number = row.value;
    }
  }
  out.kind_name = of_->kind.name;
  if (!of_->kind.values.empty()) {
    out.kind = of_->kind.values[row.tag < of_->kind.values.size() ? row.tag : 0];
  }
  CARNET_TRY_VOID(name_it(number, row, out));
  return out;
}

/// What a query leaves, by a row's numbers: names are read only of what is shown.
class Filter {
 public:
  [[nodiscard]] static Result<Filter> make(const StateView& view, const SubjectQuery& query) {
    Filter out;
    out.state_ = query.state;
    if (!query.party.empty()) {
      CARNET_TRY(const auto chain, view.chain(ChainKind::kTag, query.party));
      const bool external = query.party.starts_with("external/");
      out.party_ = chain && (external || query.party.starts_with("account/"))
                       ? std::optional((chain->member + 1) | (external ? rental::kExternalParty : 0U))
                       : std::nullopt;
      out.is_empty_ = out.is_empty_ || !out.party_;
    }
    if (!query.within.empty()) {
      CARNET_TRY(const auto chain, view.chain(ChainKind::kTag, query.within));
      out.within_ = chain ? chain->member + 1 : 0;
      out.family_ = rental::rental_book().symbol(query.within.substr(0, query.within.find('/')));
      out.is_empty_ = out.is_empty_ || !chain || out.family_ == kForeignSymbol;
    }
    return out;
  }

  [[nodiscard]] bool leaves(const Rows& rows, const SubjectRow& row, rental::State state) const {
    return !is_empty_ && (state_.empty() || rental::state_name(rows.of().machine, state) == state_) &&
           (!party_ || row.party == *party_) && (within_ == 0 || rows.owner(row, family_) == within_);
  }

 private:
  std::string state_;
  std::optional<std::uint32_t> party_;
  std::uint32_t within_ = 0;
  Symbol family_ = kForeignSymbol;
  bool is_empty_ = false;
};

/// Subjects of one lifecycle by the member that they belong to.
class Parts {
 public:
  using Pair = std::pair<std::uint32_t, std::uint32_t>;

  /// `owner`: only of this one, as its member plus 1; 0: of all.
  Parts(Rows rows, Symbol family, std::uint32_t owner) : rows_(std::move(rows)) {
    for (std::uint32_t number = 1; number <= rows_.count(); ++number) {
      const SubjectRow row = rows_.get(number);
      const std::uint32_t of = is_there(row) ? rows_.owner(row, family) : 0;
      if (of != 0 && (owner == 0 || of == owner)) {
        numbers_.emplace_back(of, number);
      }
    }
    std::ranges::sort(numbers_);
  }

  [[nodiscard]] const Rows& rows() const noexcept { return rows_; }

  /// Pairs whose second is the number of a row.
  [[nodiscard]] std::span<const Pair> of(std::uint32_t owner) const {
    const auto from = std::ranges::lower_bound(numbers_, owner, {}, &Pair::first);
    return {from, std::find_if(from, numbers_.end(), [&](const Pair& pair) { return pair.first != owner; })};
  }

 private:
  Rows rows_;
  std::vector<Pair> numbers_;
};

Error query_error(std::string_view name, std::string_view message, std::string_view lifecycle) {
  return {
      ErrorCode::kInvalidArgument, std::string(name), std::string(message), {{"lifecycle", std::string(lifecycle)}}};
}

Result<std::vector<Rows>> rows_of(const StateView& view, std::span<const std::string> names) {
  std::vector<Rows> out;
  for (const std::string& name : names) {
    const Described* found = catalog().find(name);
    if (found == nullptr) {
      return query_error("NoSuchLifecycle", "no lifecycle that is kept as rows has this name", name);
    }
    out.emplace_back(view, *found);
  }
  return out;
}

/// A query, looked up.
class Lister {
 public:
  [[nodiscard]] static Result<Lister> make(const StateView& view, const SubjectQuery& query) {
    Lister out(view);
    CARNET_TRY(out.rows_, rows_of(view, query.lifecycles));
    CARNET_TRY(out.part_rows_, rows_of(view, query.parts));
    if (out.rows_.empty()) {
      return query_error("NoSuchLifecycle", "the query names no lifecycle", "");
    }
    const Lifecycle& first = out.rows_.front().of().shown;
    const bool stands_alone = out.rows_.size() == 1 && out.part_rows_.empty();
    for (const Rows& rows : out.rows_) {
      if (rows.of().shown.family != first.family || (rows.of().shown.keyed && !stands_alone)) {
        return query_error("LifecyclesDiffer", "lifecycles of one list are without key and of one tag family",
                           rows.of().shown.name);
      }
    }
    out.family_ = rental::rental_book().symbol(first.family);
    for (const Rows& rows : out.part_rows_) {
      if (!rows.can_belong_to(out.family_)) {
        return query_error("NoPartOfIt", "its subjects are neither keyed within the list's family nor linked to it",
                           rows.of().shown.name);
      }
    }
    CARNET_TRY(out.filter_, Filter::make(view, query));
    return out;
  }

  [[nodiscard]] Status list(const SubjectQuery& query, const SubjectVisitor& visit) {
    if (rows_.front().of().shown.keyed) {
      return list_keyed(query, visit);
    }
    read_parts(0);
    const Page page{.after = query.after, .limit = query.limit};
    return list_members(view_, rows_.front().of().shown.family, page, [&](std::uint32_t member) -> Result<Visit> {
      CARNET_TRY(const std::vector<Subject> subjects, of_member(member + 1, filter_));
      for (const Subject& subject : subjects) {
        if (!visit(subject)) {
          return Visit::kEnough;
        }
      }
      return subjects.empty() ? Visit::kSkipped : Visit::kGiven;
    });
  }

  [[nodiscard]] Result<std::vector<Subject>> find(std::string_view id) {
    CARNET_TRY(const std::uint32_t number, rows_.front().find(id));
    std::vector<Subject> out;
    if (number != 0 && !rows_.front().of().shown.keyed) {
      read_parts(number);
      CARNET_TRY(out, of_member(number, Filter()));
    } else if (const SubjectRow row = rows_.front().get(number); is_there(row)) {
      CARNET_TRY(Subject subject, rows_.front().subject(number, row));
      out.push_back(std::move(subject));
    }
    CARNET_TRY_VOID(view_.status());
    return out;
  }

 private:
  explicit Lister(const StateView& view) : view_(view) {}

  void read_parts(std::uint32_t owner) {
    for (const Rows& rows : part_rows_) {
      parts_.emplace_back(rows, family_, owner);
    }
  }

  [[nodiscard]] Status list_keyed(const SubjectQuery& query, const SubjectVisitor& visit) {
    const Rows& rows = rows_.front();
    std::uint32_t number = 0;
    if (!query.after.empty()) {
      CARNET_TRY(number, rows.find(query.after));
      if (number == 0) {
        return Error(ErrorCode::kNotFound, "AfterUnknown",
                     fmt::format("no {} has the id that the list begins after", rows.of().shown.name));
      }
    }
    const std::uint32_t count = rows.count();
    for (std::uint64_t given = 0; number < count && (query.limit == 0 || given < query.limit);) {
      const SubjectRow row = rows.get(++number);
      if (!is_there(row) || !filter_.leaves(rows, row, row.state)) {
        continue;
      }
      CARNET_TRY(const Subject subject, rows.subject(number, row));
      ++given;
      if (!visit(subject)) {
        break;
      }
    }
    return view_.status();
  }

  [[nodiscard]] Result<std::vector<Subject>> of_member(std::uint32_t number, const Filter& filter) const {
    std::vector<Subject> out;
    bool is_any_there = false;
    for (const Rows& rows : rows_) {
      const SubjectRow row = rows.get(number);
      if (!is_there(row)) {
        continue;
      }
      is_any_there = true;
      if (filter.leaves(rows, row, row.state)) {
        CARNET_TRY(Subject subject, rows.subject(number, row));
        out.push_back(std::move(subject));
      }
    }
    if (!is_any_there) {
      CARNET_TRY(out, of_parts_alone(number, filter));
    }
    if (!out.empty()) {
      CARNET_TRY_VOID(add_parts(number, out.front()));
    }
    return out;
  }

  [[nodiscard]] Result<std::vector<Subject>> of_parts_alone(std::uint32_t number, const Filter& filter) const {
    for (const Parts& parts : parts_) {
      const auto found = parts.of(number);
      if (found.empty()) {
        continue;
      }
      const std::uint32_t first = found.front().second;
      const SubjectRow row = parts.rows().get(first);
      std::vector<Subject> out;
      if (filter.leaves(parts.rows(), row, rental::kNone)) {
        CARNET_TRY(Subject of, parts.rows().subject(first, row));
        CARNET_TRY(Subject alone, rows_.front().subject(number, SubjectRow{}));
        alone.party = std::move(of.party);
        alone.currency = of.currency;
        alone.since = of.since;
        alone.assumed = of.assumed;
        std::ranges::copy_if(of.links, std::back_inserter(alone.links),
                             [&](const SubjectLink& link) { return link.family != rows_.front().of().shown.family; });
        out.push_back(std::move(alone));
      }
      return out;
    }
    return std::vector<Subject>();
  }

  [[nodiscard]] Status add_parts(std::uint32_t number, Subject& subject) const {
    for (const Parts& parts : parts_) {
      for (const auto& [owner, part] : parts.of(number)) {
        CARNET_TRY(Subject one, parts.rows().subject(part, parts.rows().get(part)));
        subject.parts.push_back(std::move(one));
      }
    }
    return {};
  }

  StateView view_;
  std::vector<Rows> rows_;
  std::vector<Rows> part_rows_;
  std::vector<Parts> parts_;
  Symbol family_ = kForeignSymbol;
  Filter filter_;
};

}  // namespace

std::span<const Lifecycle> lifecycles() {
  return catalog().shown;
}

const Lifecycle* find_lifecycle(std::string_view name) {
  const Described* found = catalog().find(name);
  return found == nullptr ? nullptr : &catalog().shown[static_cast<std::size_t>(found - catalog().described.data())];
}

std::optional<std::int64_t> Subject::sum(std::string_view name) const noexcept {
  if (name == "remaining") {
    return remaining;
  }
  const auto found = std::ranges::find(sums, name, &SubjectSum::name);
  return found == sums.end() ? std::nullopt : std::optional(found->minor);
}

std::string_view Subject::link(std::string_view family) const noexcept {
  const auto found = std::ranges::find(links, family, &SubjectLink::family);
  return found == links.end() ? std::string_view() : std::string_view(found->id);
}

Status list_subjects(const StateView& view, const SubjectQuery& query, const SubjectVisitor& visit) {
  CARNET_TRY(Lister lister, Lister::make(view, query));
  return lister.list(query, visit);
}

Result<std::vector<Subject>> find_subjects(const StateView& view, const SubjectQuery& query, std::string_view id) {
  CARNET_TRY(Lister lister, Lister::make(view, query));
  return lister.find(id);
}

Result<std::optional<Subject>> find_subject(const StateView& view, std::string_view lifecycle, std::string_view id) {
  SubjectQuery query;
  query.lifecycles.emplace_back(lifecycle);
  CARNET_TRY(std::vector<Subject> found, find_subjects(view, query, id));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace carnet
