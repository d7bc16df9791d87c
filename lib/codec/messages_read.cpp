// SPDX-License-Identifier: Apache-2.0
//
// Decoding of the three messages of a commit. Bytes may be hostile: each message is validated as a tree once, then its
// fields are read in place, and every number that a caller would use as an index or an enum is checked.
#include "codec/layout.hpp"
#include "codec/messages.hpp"
#include "codec/payload_view.hpp"
#include "codec/wire.hpp"

namespace carnet::codec {
namespace {

using wire::List;
using wire::Struct;
using wire::Word;

Error damaged(const char* what) {
  return {ErrorCode::kCorruption, "MessageDamaged", "the bytes are no message of the log", {{"what", what}}};
}

/// Validates a message and gives its root. False: it is none.
bool open_root(base::ByteSpan message, Struct& root) noexcept {
  const std::span<const Word> words = wire::as_words(message);
  return wire::is_struct_message(words) && wire::read_struct(words.data(), root);
}

template <class T>
T get(const Struct& object, layout::Scalar<T> field) noexcept {
  return object.get<T>(field.index);
}

/// A list of structs; a null pointer is an empty one. False: it points to something else.
bool get_structs(const Struct& object, layout::Pointer field, List& out) noexcept {
  const Word* pointer = object.pointer(field.index);
  if (pointer == nullptr) {
    out = List{};
    return true;
  }
  return wire::read_list(pointer, out) && out.size == wire::ElementSize::kComposite;
}

/// A text that must stand there and be UTF-8. False: it does not.
bool get_text(const Struct& object, layout::Pointer field, std::string_view& out) noexcept {
  const Word* pointer = object.pointer(field.index);
  return pointer != nullptr && wire::read_text(pointer, out) && base::is_utf8(out);
}

bool get_struct(const Word* pointer, Struct& out) noexcept {
  return pointer != nullptr && wire::read_struct(pointer, out);
}

bool blind_is_well_formed(const Struct& object, layout::Pointer field) noexcept {
  const Word* pointer = object.pointer(field.index);
  base::ByteSpan bytes;
  return pointer == nullptr || (wire::read_data(pointer, bytes) && bytes.size() == 16);
}

/// Reads an enum whose values are `first` … `last`. False: another value.
template <class Enum>
bool to_enum(std::uint16_t value, Enum first, Enum last, Enum& out) noexcept {
  if (value < static_cast<std::uint16_t>(first) || value > static_cast<std::uint16_t>(last)) {
    return false;
  }
  out = static_cast<Enum>(value);
  return true;
}

Digest16 digest(std::uint64_t first, std::uint64_t second) noexcept {
  Digest16 out;
  base::store_le(out.data(), first);
  base::store_le(out.data() + 8, second);
  return out;
}

}  // namespace

// ---- Header ----

struct HeadReader::Impl {
  CommitHead head;
  std::vector<RuleVersion> rules;

  const char* read_rules(const Struct& root);
};

HeadReader::HeadReader() : impl_(std::make_unique<Impl>()) {}

HeadReader::~HeadReader() = default;
HeadReader::HeadReader(HeadReader&&) noexcept = default;
HeadReader& HeadReader::operator=(HeadReader&&) noexcept = default;

const char* HeadReader::Impl::read_rules(const Struct& root) {
  rules.clear();
  List list;
  if (!get_structs(root, layout::CommitHeader::kRules, list)) {
    return "rules";
  }
  for (std::uint32_t i = 0; i < list.count; ++i) {
    const Struct element = list.element(i);
    const RuleVersion version{.family = get(element, layout::RuleVersion::kFamily),
                              .version = get(element, layout::RuleVersion::kVersion)};
    if (version.family == 0) {
      return "rules";
    }
    rules.push_back(version);
  }
  head.rules = rules;
  return nullptr;
}

Result<const CommitHead*> HeadReader::read(base::ByteSpan message) {
  using L = layout::CommitHeader;
  Struct root;
  if (!open_root(message, root)) {
    return damaged("header message");
  }
  CommitHead& head = impl_->head;
  head.number = get(root, L::kNumber);
  head.first_position = get(root, L::kFirstPosition);
  head.recorded_at = {get(root, L::kRecordedAt)};
  head.command = digest(get(root, L::kCommand0), get(root, L::kCommand1));
  head.request_digest = digest(get(root, L::kRequestDigest0), get(root, L::kRequestDigest1));
  const std::uint64_t caused_by = get(root, L::kCausedBy);
  head.caused_by = caused_by == 0 ? std::nullopt : std::optional(caused_by - 1);
  head.source_position = get(root, L::kSourcePosition);
  head.source_name = get(root, L::kSourceName);
  head.role = get(root, L::kRole);
  head.channel = get(root, L::kChannel);
  if (head.first_position == 0) {
    return damaged("firstPosition");
  }
  if (!to_enum(get(root, L::kBasis), Basis::kDecision, Basis::kHistory, head.basis)) {
    return damaged("basis");
  }
  if (!to_enum(get(root, L::kActorKind), ActorKind::kStaff, ActorKind::kPartner, head.actor_kind)) {
    return damaged("actorKind");
  }
  if (!get_text(root, L::kActorId, head.actor_id)) {
    return damaged("actorId");
  }
  if (const char* what = impl_->read_rules(root); what != nullptr) {
    return damaged(what);
  }
  return &head;
}

// ---- Introductions ----

struct IntroductionReader::Impl {
  Introduction introduction;
  wire::Words closure;

  const char* read_chain(const Word* what);
  const char* read_type(const Word* what);
  const char* read_account(const Word* what);
  const char* read_unit(const Word* what);
  const char* read_code(const Word* what);
  const char* read_what(std::uint16_t which, const Word* what);
};

IntroductionReader::IntroductionReader() : impl_(std::make_unique<Impl>()) {}

IntroductionReader::~IntroductionReader() = default;
IntroductionReader::IntroductionReader(IntroductionReader&&) noexcept = default;
IntroductionReader& IntroductionReader::operator=(IntroductionReader&&) noexcept = default;

const char* IntroductionReader::Impl::read_chain(const Word* what) {
  using L = layout::IntroducedChain;
  Struct object;
  ChainIntroduction chain;
  if (!get_struct(what, object) || !get_text(object, L::kName, chain.name) ||
      !to_enum(get(object, L::kKind), ChainKind::kStream, ChainKind::kTag, chain.kind)) {
    return "chain";
  }
  introduction.what = chain;
  return nullptr;
}

const char* IntroductionReader::Impl::read_type(const Word* what) {
  using L = layout::IntroducedType;
  Struct object;
  TypeIntroduction type;
  if (!get_struct(what, object) || !get_text(object, L::kName, type.name)) {
    return "type";
  }
  type.revision = get(object, L::kRevision);
  type.root = get(object, L::kRoot);
  const std::uint16_t nature = get(object, L::kNature);
  type.derived = nature == L::kDerived;
  const Word* pointer = object.pointer(L::kClosure.index);
  Struct ignored;
  if (type.revision == 0 || (nature != L::kFact && nature != L::kDerived) || !get_struct(pointer, ignored)) {
    return "type";
  }
  closure.assign(1, 0);
  wire::copy_canonical(pointer, closure, 0);
  type.closure = closure;
  introduction.what = type;
  return nullptr;
}

const char* IntroductionReader::Impl::read_account(const Word* what) {
  using L = layout::IntroducedAccount;
  Struct object;
  AccountIntroduction account;
  if (!get_struct(what, object) || !get_text(object, L::kPath, account.path) ||
      !to_enum(get(object, L::kNormalSide), NormalSide::kDebit, NormalSide::kCredit, account.normal) ||
      !to_enum(get(object, L::kLimit), AccountLimit::kNone, AccountLimit::kCreditsWithinDebits, account.limit)) {
    return "account";
  }
  account.unit = get(object, L::kUnit);
  account.chart = get(object, L::kChart);
  if (account.unit == 0) {
    return "account";
  }
  introduction.what = account;
  return nullptr;
}

const char* IntroductionReader::Impl::read_unit(const Word* what) {
  using L = layout::IntroducedUnit;
  Struct object;
  UnitIntroduction unit;
  if (!get_struct(what, object) || !get_text(object, L::kName, unit.name)) {
    return "unit";
  }
  unit.scale = get(object, L::kScale);
  introduction.what = unit;
  return nullptr;
}

const char* IntroductionReader::Impl::read_code(const Word* what) {
  CodeIntroduction code;
  if (what == nullptr || !wire::read_text(what, code.text) || !base::is_utf8(code.text)) {
    return "code";
  }
  introduction.what = code;
  return nullptr;
}

const char* IntroductionReader::Impl::read_what(std::uint16_t which, const Word* what) {
  using L = layout::Introduction;
  switch (which) {
    case L::kChain:
      return read_chain(what);
    case L::kType:
      return read_type(what);
    case L::kAccount:
      return read_account(what);
    case L::kUnit:
      return read_unit(what);
    case L::kCode:
      return read_code(what);
    default:
      return "kind of introduction";
  }
}

Result<const Introduction*> IntroductionReader::read(base::ByteSpan message) {
  using L = layout::Introduction;
  Struct root;
  if (!open_root(message, root)) {
    return damaged("introduction message");
  }
  impl_->introduction.ordinal = get(root, L::kOrdinal);
  if (impl_->introduction.ordinal == 0) {
    return damaged("ordinal");
  }
  if (!blind_is_well_formed(root, L::kBlind)) {
    return damaged("blind");
  }
  if (const char* what = impl_->read_what(get(root, L::kWhich), root.pointer(L::kWhat.index)); what != nullptr) {
    return damaged(what);
  }
  return &impl_->introduction;
}

// ---- Events ----

struct EventReader::Impl {
  StoredEvent event;
  Struct root;
  std::vector<ChainLink> chains;
  std::vector<StoredTransfer> transfers;
  std::vector<StoredFinding> findings;
  std::vector<Argument> arguments;
  std::vector<std::size_t> argument_counts;
  std::vector<StoredDue> due;

  bool read_chains();
  bool read_transfers();
  bool read_arguments(const Struct& finding, std::size_t& count);
};

EventReader::EventReader() : impl_(std::make_unique<Impl>()) {}

EventReader::~EventReader() = default;
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;

bool EventReader::Impl::read_chains() {
  using L = layout::ChainLink;
  List list;
  if (!get_structs(root, layout::Event::kChains, list) || list.count == 0) {
    return false;
  }
  chains.resize(list.count);
  for (std::uint32_t i = 0; i < list.count; ++i) {
    const Struct element = list.element(i);
    ChainLink& link = chains[i];
    link.previous = get(element, L::kPrevious);
    link.chain = get(element, L::kChain);
    link.version = get(element, L::kVersion);
    if (link.chain == 0 || link.version == 0) {
      return false;
    }
  }
  event.chains = chains;
  return true;
}

bool EventReader::Impl::read_transfers() {
  using L = layout::Transfer;
  List list;
  if (!get_structs(root, layout::Event::kTransfers, list)) {
    return false;
  }
  transfers.resize(list.count);
  for (std::uint32_t i = 0; i < list.count; ++i) {
    const Struct element = list.element(i);
    StoredTransfer& transfer = transfers[i];
    transfer.amount = get(element, L::kAmount);
    transfer.debit = get(element, L::kDebit);
    transfer.credit = get(element, L::kCredit);
    transfer.rule = get(element, L::kRule);
    transfer.unit = get(element, L::kUnit);
    if (transfer.amount <= 0 || transfer.debit == 0 || transfer.credit == 0 || transfer.unit == 0 ||
        !to_enum(get(element, L::kPhase), Phase::kPosted, Phase::kVoided, transfer.phase)) {
      return false;
    }
  }
  event.transfers = transfers;
  return true;
}

Result<const StoredEvent*> EventReader::read(base::ByteSpan message) {
  using L = layout::Event;
  Struct& root = impl_->root;
  if (!open_root(message, root)) {
    root = {};
    return damaged("event message");
  }
  StoredEvent& event = impl_->event;
  event.type = get(root, L::kType);
  event.revision = get(root, L::kRevision);
  event.corrects.position = get(root, L::kCorrectsPosition);
  event.occurred_at = {get(root, L::kOccurredAt)};
  event.booked_at = {get(root, L::kBookedAt)};
  if (event.type == 0 || event.revision == 0) {
    return damaged("type");
  }
  if (!to_enum(get(root, L::kCorrectsKind), CorrectionKind::kNone, CorrectionKind::kReversal, event.corrects.kind) ||
      (event.corrects.kind == CorrectionKind::kNone) != (event.corrects.position == 0)) {
    return damaged("corrects");
  }
  if (!impl_->read_chains()) {
    return damaged("chains");
  }
  if (!impl_->read_transfers()) {
    return damaged("transfers");
  }
  if (!blind_is_well_formed(root, L::kBlind)) {
    return damaged("blind");
  }
  const Word* payload = root.pointer(L::kPayload.index);
  Struct ignored;
  if (!get_struct(payload, ignored)) {
    return damaged("payload");
  }
  event.payload = make_view(payload);
  return &event;
}

// Argument texts follow one another in `arguments`; findings() makes spans of them once it no longer grows.
bool EventReader::Impl::read_arguments(const Struct& finding, std::size_t& count) {
  List list;
  if (!get_structs(finding, layout::Finding::kArgs, list)) {
    return false;
  }
  for (std::uint32_t i = 0; i < list.count; ++i) {
    const Struct element = list.element(i);
    Argument argument;
    if (!get_text(element, layout::Argument::kName, argument.name) ||
        !get_text(element, layout::Argument::kText, argument.text)) {
      return false;
    }
    arguments.push_back(argument);
  }
  count = list.count;
  return true;
}

Result<std::span<const StoredFinding>> EventReader::findings() {
  using L = layout::Finding;
  std::vector<StoredFinding>& findings = impl_->findings;
  findings.clear();
  impl_->arguments.clear();
  List list;
  if (!get_structs(impl_->root, layout::Event::kFindings, list)) {
    return damaged("findings");
  }
  std::vector<std::size_t>& counts = impl_->argument_counts;
  counts.clear();
  for (std::uint32_t i = 0; i < list.count; ++i) {
    const Struct element = list.element(i);
    StoredFinding finding;
    std::size_t count = 0;
    finding.code = get(element, L::kCode);
    if (finding.code == 0 ||
        !to_enum(get(element, L::kSeverity), Severity::kInfo, Severity::kBreach, finding.severity) ||
        !wire::read_text_or_empty(element.pointer(L::kPath.index), finding.path) || !base::is_utf8(finding.path) ||
        !impl_->read_arguments(element, count)) {
      return damaged("findings");
    }
    findings.push_back(finding);
    counts.push_back(count);
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    findings[i].args = std::span(impl_->arguments).subspan(at, counts[i]);
    at += counts[i];
  }
  return std::span<const StoredFinding>(findings);
}

Result<std::span<const StoredDue>> EventReader::due() {
  using L = layout::Due;
  std::vector<StoredDue>& due = impl_->due;
  due.clear();
  List list;
  if (!get_structs(impl_->root, layout::Event::kDue, list)) {
    return damaged("due");
  }
  for (std::uint32_t i = 0; i < list.count; ++i) {
    const Struct element = list.element(i);
    StoredDue one;
    one.rule = get(element, L::kRule);
    one.due = {get(element, L::kDue)};
    if (one.rule == 0 || !get_text(element, L::kSubject, one.subject)) {
      return damaged("due");
    }
    due.push_back(one);
  }
  return std::span<const StoredDue>(due);
}

PayloadHolder::PayloadHolder(const Payload& payload) {
  if (wire::is_struct_message(payload.words)) {
    view_ = make_view(payload.words.data());
  }
}

}  // namespace carnet::codec
