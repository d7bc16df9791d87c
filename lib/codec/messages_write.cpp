// SPDX-License-Identifier: Apache-2.0
//
// Encoding of the three messages of a commit. Objects stand in preorder behind the root; payloads are stored in
// canonical form, so the bytes of a message follow from its content alone.
#include "base/check.hpp"
#include "codec/layout.hpp"
#include "codec/messages.hpp"
#include "codec/payload_view.hpp"
#include "codec/wire.hpp"

namespace carnet::codec {
namespace {

using wire::Word;
using wire::Words;
using wire::Writer;

template <class T, class Value>
void put(Writer& writer, std::size_t object, layout::Scalar<T> field, Value value) noexcept {
  writer.set<T>(object, field.index, static_cast<T>(value));
}

template <class Struct>
std::size_t init(Writer& writer, std::size_t pointer) {
  return writer.init_struct(pointer, Struct::kDataWords, Struct::kPointers);
}

/// Index of a pointer of a struct whose data begins at `object`.
template <class Struct>
[[nodiscard]] constexpr std::size_t pointer_at(std::size_t object, layout::Pointer field) noexcept {
  return object + Struct::kDataWords + field.index;
}

/// An object that stands alone: [0] its pointer, then its words. Empty: null.
struct Block {
  Words words;

  void clear() noexcept { words.clear(); }

  [[nodiscard]] std::size_t object_words() const noexcept { return words.empty() ? 0 : words.size() - 1; }
};

std::uint64_t number(const Digest16& digest, std::size_t half) noexcept {
  return base::load_le<std::uint64_t>(digest.data() + half * 8);
}

// The variant's members, one function each.

void encode(Writer& writer, std::size_t intro, std::size_t what, const ChainIntroduction& chain) {
  put(writer, intro, layout::Introduction::kWhich, layout::Introduction::kChain);
  using L = layout::IntroducedChain;
  const std::size_t object = init<L>(writer, what);
  put(writer, object, L::kKind, static_cast<std::uint16_t>(chain.kind));
  writer.set_text(pointer_at<L>(object, L::kName), chain.name);
}

void encode(Writer& writer, Words& out, std::size_t intro, std::size_t what, const TypeIntroduction& type) {
  put(writer, intro, layout::Introduction::kWhich, layout::Introduction::kType);
  using L = layout::IntroducedType;
  const std::size_t object = init<L>(writer, what);
  put(writer, object, L::kRevision, type.revision);
  put(writer, object, L::kNature, type.derived ? L::kDerived : L::kFact);
  put(writer, object, L::kRoot, type.root);
  writer.set_text(pointer_at<L>(object, L::kName), type.name);
  CARNET_REQUIRE(wire::is_struct_message(type.closure), "a type's closure is a message");
  wire::copy_canonical(type.closure.data(), out, pointer_at<L>(object, L::kClosure));
}

void encode(Writer& writer, std::size_t intro, std::size_t what, const AccountIntroduction& account) {
  put(writer, intro, layout::Introduction::kWhich, layout::Introduction::kAccount);
  using L = layout::IntroducedAccount;
  const std::size_t object = init<L>(writer, what);
  put(writer, object, L::kUnit, account.unit);
  put(writer, object, L::kNormalSide, static_cast<std::uint16_t>(account.normal));
  put(writer, object, L::kLimit, static_cast<std::uint16_t>(account.limit));
  put(writer, object, L::kChart, account.chart);
  writer.set_text(pointer_at<L>(object, L::kPath), account.path);
}

void encode(Writer& writer, std::size_t intro, std::size_t what, const UnitIntroduction& unit) {
  put(writer, intro, layout::Introduction::kWhich, layout::Introduction::kUnit);
  using L = layout::IntroducedUnit;
  const std::size_t object = init<L>(writer, what);
  put(writer, object, L::kScale, unit.scale);
  writer.set_text(pointer_at<L>(object, L::kName), unit.name);
}

void encode(Writer& writer, std::size_t intro, std::size_t what, const CodeIntroduction& code) {
  put(writer, intro, layout::Introduction::kWhich, layout::Introduction::kCode);
  writer.set_text(what, code.text);
}

}  // namespace

std::size_t encode_commit_head(const CommitHead& head, std::vector<std::uint64_t>& out) {
  using L = layout::CommitHeader;
  const std::size_t begin = out.size();
  Writer writer(out);
  const std::size_t root = writer.allocate(1);
  const std::size_t object = init<L>(writer, root);
  put(writer, object, L::kNumber, head.number);
  put(writer, object, L::kFirstPosition, head.first_position);
  put(writer, object, L::kRecordedAt, head.recorded_at.ns);
  put(writer, object, L::kCommand0, number(head.command, 0));
  put(writer, object, L::kCommand1, number(head.command, 1));
  put(writer, object, L::kRequestDigest0, number(head.request_digest, 0));
  put(writer, object, L::kRequestDigest1, number(head.request_digest, 1));
  put(writer, object, L::kCausedBy, head.caused_by ? *head.caused_by + 1 : 0);
  put(writer, object, L::kSourcePosition, head.source_position);
  put(writer, object, L::kSourceName, head.source_name);
  put(writer, object, L::kRole, head.role);
  put(writer, object, L::kChannel, head.channel);
  put(writer, object, L::kBasis, static_cast<std::uint16_t>(head.basis));
  put(writer, object, L::kActorKind, static_cast<std::uint16_t>(head.actor_kind));
  writer.set_text(pointer_at<L>(object, L::kActorId), head.actor_id);
  if (!head.rules.empty()) {
    using R = layout::RuleVersion;
    std::size_t rule = writer.init_composite(
        pointer_at<L>(object, L::kRules), static_cast<std::uint32_t>(head.rules.size()), R::kDataWords, R::kPointers);
    for (const RuleVersion& version : head.rules) {
      put(writer, rule, R::kFamily, version.family);
      put(writer, rule, R::kVersion, version.version);
      rule += R::kDataWords;
    }
  }
  return out.size() - begin;
}

std::size_t encode_introduction(const Introduction& introduction, Blind blind, std::vector<std::uint64_t>& out) {
  using L = layout::Introduction;
  const std::size_t begin = out.size();
  Writer writer(out);
  const std::size_t root = writer.allocate(1);
  const std::size_t object = init<L>(writer, root);
  put(writer, object, L::kOrdinal, introduction.ordinal);
  if (!blind.empty()) {
    writer.set_data(pointer_at<L>(object, L::kBlind), blind);
  }
  const std::size_t what = pointer_at<L>(object, L::kWhat);
  std::visit(
      [&](const auto& member) {
        if constexpr (std::is_same_v<std::decay_t<decltype(member)>, TypeIntroduction>) {
          encode(writer, out, object, what, member);
        } else {
          encode(writer, object, what, member);
        }
      },
      introduction.what);
  return out.size() - begin;
}

// ---- Events ----

struct EventMessage::Impl {
  std::uint32_t type = 0;
  std::uint16_t revision = 0;
  Timestamp occurred_at;
  Timestamp booked_at;
  Corrects corrects;
  std::vector<ChainLink> chains;
  std::vector<StoredTransfer> transfers;
  Block findings;
  Block due;
  Block payload;
  std::array<std::byte, 16> blind{};
  bool has_blind = false;
  Words message;

  void write_event(Word* words) const noexcept;
  [[nodiscard]] std::size_t message_words() const noexcept;
};

EventMessage::EventMessage() : impl_(std::make_unique<Impl>()) {}

EventMessage::~EventMessage() = default;
EventMessage::EventMessage(EventMessage&&) noexcept = default;
EventMessage& EventMessage::operator=(EventMessage&&) noexcept = default;

void EventMessage::prepare(const Payload& payload, std::size_t chain_count, Timestamp occurred_at, Timestamp booked_at,
                           const Corrects& corrects) {
  Impl& m = *impl_;
  m.type = 0;
  m.revision = 0;
  m.occurred_at = occurred_at;
  m.booked_at = booked_at;
  m.corrects = corrects;
  m.chains.assign(chain_count, ChainLink{});
  m.transfers.clear();
  m.findings.clear();
  m.due.clear();
  m.has_blind = false;
  m.payload.words.assign(1, 0);
  // Words that are no message of a struct leave the payload null: PayloadType::check() says so.
  if (wire::is_struct_message(payload.words)) {
    wire::copy_canonical(payload.words.data(), m.payload.words, 0);
  }
}

void EventMessage::set_type(std::uint32_t ordinal, std::uint16_t revision) {
  impl_->type = ordinal;
  impl_->revision = revision;
}

void EventMessage::set_chain(std::size_t index, const ChainLink& link) {
  CARNET_REQUIRE(index < impl_->chains.size(), "prepare() said how many chains there are");
  impl_->chains[index] = link;
}

void EventMessage::set_booked_at(Timestamp time) {
  impl_->booked_at = time;
}

void EventMessage::set_findings(std::span<const StoredFinding> findings) {
  using L = layout::Finding;
  using A = layout::Argument;
  Words& words = impl_->findings.words;
  words.clear();
  if (findings.empty()) {
    return;
  }
  Writer writer(words);
  const std::size_t root = writer.allocate(1);
  std::size_t at =
      writer.init_composite(root, static_cast<std::uint32_t>(findings.size()), L::kDataWords, L::kPointers);
  for (const StoredFinding& finding : findings) {
    put(writer, at, L::kCode, finding.code);
    put(writer, at, L::kSeverity, static_cast<std::uint16_t>(finding.severity));
    if (!finding.path.empty()) {
      writer.set_text(pointer_at<L>(at, L::kPath), finding.path);
    }
    if (!finding.args.empty()) {
      std::size_t arg = writer.init_composite(
          pointer_at<L>(at, L::kArgs), static_cast<std::uint32_t>(finding.args.size()), A::kDataWords, A::kPointers);
      for (const Argument& argument : finding.args) {
        writer.set_text(pointer_at<A>(arg, A::kName), argument.name);
        writer.set_text(pointer_at<A>(arg, A::kText), argument.text);
        arg += A::kDataWords + A::kPointers;
      }
    }
    at += L::kDataWords + L::kPointers;
  }
}

void EventMessage::set_due(std::span<const StoredDue> due) {
  using L = layout::Due;
  Words& words = impl_->due.words;
  words.clear();
  if (due.empty()) {
    return;
  }
  Writer writer(words);
  const std::size_t root = writer.allocate(1);
  std::size_t at = writer.init_composite(root, static_cast<std::uint32_t>(due.size()), L::kDataWords, L::kPointers);
  for (const StoredDue& one : due) {
    put(writer, at, L::kRule, one.rule);
    put(writer, at, L::kDue, one.due.ns);
    writer.set_text(pointer_at<L>(at, L::kSubject), one.subject);
    at += L::kDataWords + L::kPointers;
  }
}

void EventMessage::set_transfers(std::span<const StoredTransfer> transfers) {
  impl_->transfers.assign(transfers.begin(), transfers.end());
}

void EventMessage::set_blind(Blind blind) {
  CARNET_REQUIRE(blind.empty() || blind.size() == impl_->blind.size(), "a blind has 16 bytes");
  impl_->has_blind = !blind.empty();
  std::copy(blind.begin(), blind.end(), impl_->blind.begin());
}

PayloadView EventMessage::payload() const {
  return make_view(impl_->payload.words.data());
}

namespace {

// Words of a list of `count` structs with its tag; an empty list is a null pointer.
std::size_t list_words(std::size_t count, std::size_t element_words) noexcept {
  return count == 0 ? 0 : 1 + count * element_words;
}

// Copies a block's object to `target` and points `at` to it; returns the end.
std::size_t place(Word* words, std::size_t at, std::size_t target, const Block& block) noexcept {
  if (block.words.empty()) {
    words[at] = 0;
    return target;
  }
  words[at] = wire::moved_pointer(block.words[0], at, target);
  if (block.object_words() > 0) {
    std::memcpy(words + target, block.words.data() + 1, block.object_words() * wire::kWordBytes);
  }
  return target + block.object_words();
}

}  // namespace

std::size_t EventMessage::Impl::message_words() const noexcept {
  using L = layout::Event;
  return 1 + L::kDataWords + L::kPointers + list_words(chains.size(), layout::ChainLink::kDataWords) +
         findings.object_words() + due.object_words() + list_words(transfers.size(), layout::Transfer::kDataWords) +
         (has_blind ? blind.size() / wire::kWordBytes : 0) + payload.object_words();
}

// Every word of the message is written, in order: what stood in the buffer before does not show.
void EventMessage::Impl::write_event(Word* words) const noexcept {
  using L = layout::Event;
  constexpr std::size_t kObject = 1;
  constexpr std::size_t kPointers = kObject + L::kDataWords;
  words[0] = wire::struct_pointer(0, kObject, L::kDataWords, L::kPointers);
  words[kObject] = Word{type} | (Word{revision} << 32U) | (Word{static_cast<std::uint8_t>(corrects.kind)} << 48U);
  words[kObject + L::kCorrectsPosition.index] = corrects.position;
  words[kObject + L::kOccurredAt.index] = static_cast<Word>(occurred_at.ns);
  words[kObject + L::kBookedAt.index] = static_cast<Word>(booked_at.ns);

  std::size_t end = kPointers + L::kPointers;
  const std::size_t chains_at = kPointers + L::kChains.index;
  words[chains_at] = 0;
  if (!chains.empty()) {
    using C = layout::ChainLink;
    const auto count = static_cast<std::uint32_t>(chains.size());
    words[chains_at] = wire::list_pointer(chains_at, end, wire::ElementSize::kComposite, count * C::kDataWords);
    words[end++] = wire::composite_tag(count, C::kDataWords, C::kPointers);
    for (const ChainLink& link : chains) {
      words[end++] = link.previous;
      words[end++] = Word{link.chain} | (Word{link.version} << 32U);
    }
  }
  end = place(words, kPointers + L::kFindings.index, end, findings);
  end = place(words, kPointers + L::kDue.index, end, due);

  const std::size_t transfers_at = kPointers + L::kTransfers.index;
  words[transfers_at] = 0;
  if (!transfers.empty()) {
    using T = layout::Transfer;
    const auto count = static_cast<std::uint32_t>(transfers.size());
    words[transfers_at] = wire::list_pointer(transfers_at, end, wire::ElementSize::kComposite, count * T::kDataWords);
    words[end++] = wire::composite_tag(count, T::kDataWords, T::kPointers);
    for (const StoredTransfer& transfer : transfers) {
      words[end++] = static_cast<Word>(transfer.amount);
      words[end++] = Word{transfer.debit} | (Word{transfer.credit} << 32U);
      words[end++] =
          Word{transfer.rule} | (Word{transfer.unit} << 32U) | (Word{static_cast<std::uint8_t>(transfer.phase)} << 48U);
    }
  }
  const std::size_t blind_at = kPointers + L::kBlind.index;
  words[blind_at] = 0;
  if (has_blind) {
    words[blind_at] =
        wire::list_pointer(blind_at, end, wire::ElementSize::kByte, static_cast<std::uint32_t>(blind.size()));
    std::memcpy(words + end, blind.data(), blind.size());
    end += blind.size() / wire::kWordBytes;
  }
  place(words, kPointers + L::kPayload.index, end, payload);
}

base::ByteSpan EventMessage::finish() {
  Impl& m = *impl_;
  m.message.resize(m.message_words());
  m.write_event(m.message.data());
  return wire::as_bytes(m.message);
}

}  // namespace carnet::codec
