// SPDX-License-Identifier: Apache-2.0
//
// Personal fields: where they stand, whose key seals them, reading and writing what is sealed, and the canonical form
// in which a digest stands for each.
#include "codec/personal.hpp"

#include "base/check.hpp"
#include "base/ids.hpp"
#include "codec/payload_type.hpp"
#include "codec/payload_type_impl.hpp"
#include "codec/payload_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace carnet::codec {
namespace {

using wire::List;
using wire::Struct;
using wire::Word;
using wire::Words;
using wire::Writer;

// core.capnp:Sealed. Final: it stands in leaf bytes.
constexpr std::uint16_t kSealedDataWords = 1;
constexpr std::uint16_t kSealedPointers = 5;
constexpr std::uint32_t kVersion = 0;
constexpr std::uint32_t kKeyId = 0;
constexpr std::uint32_t kNonce = 1;
constexpr std::uint32_t kCiphertext = 2;
constexpr std::uint32_t kTag = 3;
constexpr std::uint32_t kCommitment = 4;
constexpr std::size_t kHmacBytes = 32;

/// One step of a path: `name` or `name[3]`.
struct Step {
  std::string_view name;
  std::optional<std::uint32_t> index;
};

/// Takes the first step off a path; nothing when it is malformed.
std::optional<Step> take_step(std::string_view& path) noexcept {
  const std::size_t end = std::min(path.find('.'), path.size());
  std::string_view text = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  Step step{.name = text, .index = std::nullopt};
  if (const std::size_t bracket = text.find('['); bracket != std::string_view::npos) {
    step.name = text.substr(0, bracket);
    std::uint32_t index = 0;
    const char* last = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data() + bracket + 1, last, index);
    if (error != std::errc() || stopped + 1 != last || *stopped != ']') {
      return std::nullopt;
    }
    step.index = index;
  }
  return step;
}

base::ByteSpan data_of(const Struct& object, std::uint32_t slot) noexcept {
  base::ByteSpan bytes;
  const Word* pointer = object.pointer(slot);
  if (pointer == nullptr || !wire::read_data(pointer, bytes)) {
    return {};
  }
  return bytes;
}

void write_sealed(Words& words, std::size_t at, const SealedFields& sealed) {
  Writer writer(words);
  const std::size_t object = writer.init_struct(at, kSealedDataWords, kSealedPointers);
  writer.set<std::uint16_t>(object, kVersion, sealed.version);
  const std::size_t pointers = object + kSealedDataWords;
  const auto set = [&](std::uint32_t slot, base::ByteSpan bytes) {
    if (!bytes.empty()) {
      writer.set_data(pointers + slot, bytes);
    }
  };
  set(kKeyId, sealed.key_id);
  set(kNonce, sealed.nonce);
  set(kCiphertext, sealed.ciphertext);
  set(kTag, sealed.tag);
  set(kCommitment, sealed.commitment);
}

// ---- Payloads whose structs were stored shorter than their plan ----

void copy_grown(const StructPlan& plan, const Struct& from, Words& out, std::size_t to, std::uint16_t data_words);

// A field's pointer; structs are grown to their plan, everything else is copied as it is.
void copy_grown_pointer(const FieldPlan& field, const Word* pointer, Words& out, std::size_t at) {
  Struct structure;
  if (field.structure == nullptr || (!field.is_list && !wire::read_struct(pointer, structure))) {
    wire::copy_canonical(pointer, out, at);
    return;
  }
  const StructPlan& plan = *field.structure;
  Writer writer(out);
  if (!field.is_list) {
    const std::size_t to = writer.init_struct(at, plan.data_words, plan.pointer_count);
    copy_grown(plan, structure, out, to, plan.data_words);
    return;
  }
  const List list = list_at(pointer, Base::kStruct);
  const std::size_t element = std::size_t{plan.data_words} + plan.pointer_count;
  const std::size_t to = writer.init_composite(at, list.count, plan.data_words, plan.pointer_count);
  for (std::uint32_t i = 0; i < list.count; ++i) {
    copy_grown(plan, list.element(i), out, to + i * element, plan.data_words);
  }
}

void copy_grown(const StructPlan& plan, const Struct& from, Words& out, std::size_t to, std::uint16_t data_words) {
  const std::size_t kept = std::min<std::size_t>(from.data().size(), data_words);
  if (kept > 0) {
    std::memcpy(out.data() + to, from.data().data(), kept * wire::kWordBytes);
  }
  for (const FieldPlan& field : plan.fields) {
    if (!field.is_pointer()) {
      continue;
    }
    if (const Word* pointer = from.pointer(field.slot); pointer != nullptr) {
      copy_grown_pointer(field, pointer, out, to + data_words + field.slot);
    }
  }
}

/// The payload with every struct as long as its plan, so that each field has a pointer to write.
Words grown(const StructPlan& root, const Struct& from) {
  Words out;
  Writer writer(out);
  const std::size_t at = writer.allocate(1);
  const std::size_t to = writer.init_struct(at, root.data_words, root.pointer_count);
  copy_grown(root, from, out, to, root.data_words);
  return out;
}

Error no_such_field(std::string_view type, std::string_view path) {
  return {ErrorCode::kInvalidArgument,
          "NoSuchField",
          fmt::format("the payload of {} has no personal field at this path", type),
          {{"type", std::string(type)}, {"path", std::string(path)}}};
}

/// Index of the pointer word of a personal field; grows the payload when the word was not stored.
std::optional<std::size_t> pointer_for_writing(const StructPlan& root, Words& words, std::string_view path) {
  for (const bool grow : {false, true}) {
    Struct object;
    if (!wire::is_struct_message(words) || !wire::read_struct(words.data(), object)) {
      return std::nullopt;
    }
    if (grow) {
      words = grown(root, object);
      if (!wire::read_struct(words.data(), object)) {
        return std::nullopt;
      }
    }
    const auto place = find_personal(root, object, path);
    if (!place) {
      return std::nullopt;
    }
    const std::span<const Word> pointers = place->parent.pointers();
    if (place->field->slot < pointers.size()) {
      return static_cast<std::size_t>(pointers.data() + place->field->slot - words.data());
    }
  }
  return std::nullopt;
}

// ---- The walk over personal fields ----

/// `account/A1` is A1, `external/X` is nobody, an id is itself.
std::string_view subject_of(std::string_view text) noexcept {
  if (text.find('/') == std::string_view::npos) {
    return text;
  }
  const base::NameParts parts = base::split_name(text);
  return parts.family == "account" ? parts.id : std::string_view();
}

std::string_view text_of(const StructPlan& plan, const Struct& object, std::string_view name) noexcept {
  const FieldPlan* field = plan.find(name);
  if (field == nullptr || field->base != Base::kText || field->is_list) {
    return {};
  }
  return text_at(object.pointer(field->slot));
}

class SlotWalk {
 public:
  SlotWalk(const StructPlan& root, const Struct& payload, std::span<const PersonalField> wanted,
           std::vector<PersonalSlot>& out)
      : root_(root), payload_(payload), wanted_(wanted), out_(out) {}

  void structure(const StructPlan& plan, const Struct& object) {
    for (const FieldPlan& field : plan.fields) {
      if (field.is_personal()) {
        personal(plan, object, field);
      } else if (field.structure != nullptr && field.structure->has_personal) {
        below(field, object.pointer(field.slot));
      }
    }
  }

 private:
  void below(const FieldPlan& field, const Word* pointer) {
    if (pointer == nullptr) {
      return;
    }
    if (!field.is_list) {
      path_.push(field);
      structure(*field.structure, struct_at(pointer));
      path_.pop();
      return;
    }
    const List list = list_at(pointer, Base::kStruct);
    for (std::uint32_t i = 0; i < list.count; ++i) {
      path_.push(field, i);
      structure(*field.structure, list.element(i));
      path_.pop();
    }
  }

  // Every place counts, sealed or not: the number of a field does not depend on which others are given.
  void personal(const StructPlan& plan, const Struct& object, const FieldPlan& field) {
    const std::uint32_t number = next_++;
    const bool is_sealed = object.pointer(field.slot) != nullptr;
    if (!is_sealed && wanted_.empty()) {
      return;
    }
    std::string path = path_.spell(field);
    if (!is_sealed && std::ranges::find(wanted_, path, &PersonalField::path) == wanted_.end()) {
      return;
    }
    out_.push_back({.path = std::move(path),
                    .data_class = field.data_class,
                    .subject = std::string(subject(plan, object, field)),
                    .field = number});
  }

  std::string_view subject(const StructPlan& plan, const Struct& object, const FieldPlan& field) const {
    const auto named = [&](std::string_view name) {
      const std::string_view beside = text_of(plan, object, name);
      return beside.empty() ? text_of(root_, payload_, name) : beside;
    };
    if (!field.subject.empty()) {
      return subject_of(named(field.subject));
    }
    const std::string_view account = named("accountId");
    return subject_of(account.empty() ? named("party") : account);
  }

  const StructPlan& root_;
  const Struct& payload_;
  std::span<const PersonalField> wanted_;
  std::vector<PersonalSlot>& out_;
  Path path_;
  std::uint32_t next_ = 0;
};

void append_words(std::string& out, std::span<const Word> words) {
  const base::ByteSpan bytes = wire::as_bytes(words);
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

std::optional<PersonalPlace> find_personal(const StructPlan& root, const Struct& payload,
                                           std::string_view path) noexcept {
  const StructPlan* plan = &root;
  Struct object = payload;
  for (;;) {
    const auto step = take_step(path);
    const FieldPlan* field = step ? plan->find(step->name) : nullptr;
    if (field == nullptr || field->is_list != step->index.has_value() || field->structure == nullptr) {
      return std::nullopt;
    }
    if (field->is_personal()) {
      return path.empty() ? std::optional(PersonalPlace{.field = field, .parent = object}) : std::nullopt;
    }
    const Word* pointer = object.pointer(field->slot);
    if (path.empty() || pointer == nullptr) {
      return std::nullopt;
    }
    if (field->is_list) {
      const List list = list_at(pointer, Base::kStruct);
      if (*step->index >= list.count) {
        return std::nullopt;
      }
      object = list.element(*step->index);
    } else {
      object = struct_at(pointer);
    }
    plan = field->structure;
  }
}

bool PayloadType::has_personal_fields() const noexcept {
  return impl_->plan->root().has_personal;
}

void PayloadType::personal_slots(const PayloadView& payload, std::span<const PersonalField> wanted,
                                 std::vector<PersonalSlot>& out) const {
  Struct object;
  if (has_personal_fields() && root_of(payload, object)) {
    SlotWalk(impl_->plan->root(), object, wanted, out).structure(impl_->plan->root(), object);
  }
}

Status PayloadType::set_sealed(Payload& payload, std::string_view path, const SealedFields& sealed) const {
  const auto at = pointer_for_writing(impl_->plan->root(), payload.words, path);
  if (!at) {
    return no_such_field(name(), path);
  }
  write_sealed(payload.words, *at, sealed);
  return {};
}

std::optional<SealedFields> PayloadType::get_sealed(const PayloadView& payload, std::string_view path) const {
  Struct object;
  if (!root_of(payload, object)) {
    return std::nullopt;
  }
  const auto place = find_personal(impl_->plan->root(), object, path);
  Struct sealed;
  if (!place || place->pointer() == nullptr || !wire::read_struct(place->pointer(), sealed)) {
    return std::nullopt;
  }
  return SealedFields{.version = sealed.get<std::uint16_t>(kVersion),
                      .key_id = data_of(sealed, kKeyId),
                      .nonce = data_of(sealed, kNonce),
                      .ciphertext = data_of(sealed, kCiphertext),
                      .tag = data_of(sealed, kTag),
                      .commitment = data_of(sealed, kCommitment)};
}

Status PayloadType::append_canonical(const PayloadView& payload, std::span<const SealedDigest> sealed,
                                     std::string& out) const {
  Struct object;
  if (!root_of(payload, object)) {
    return Error(ErrorCode::kInvalidArgument, "BadPayload", "the payload is no message", {{"type", name()}});
  }
  thread_local Words canonical;
  canonical.assign(1, 0);
  std::vector<PersonalSlot> slots;
  personal_slots(payload, {}, slots);
  if (slots.empty() && sealed.empty()) {
    wire::copy_canonical(pointer_of(payload), canonical, 0);
    append_words(out, canonical);
    return {};
  }
  for (const PersonalSlot& slot : slots) {
    if (std::ranges::find(sealed, slot.path, &SealedDigest::path) == sealed.end()) {
      return Error(ErrorCode::kInvalidArgument, "DigestMissing", "a sealed field has no digest to stand for it",
                   {{"type", name()}, {"path", slot.path}});
    }
  }
  Words copy = grown(impl_->plan->root(), object);
  for (const SealedDigest& digest : sealed) {
    CARNET_REQUIRE(digest.hmac.size() == kHmacBytes, "the digest of a personal field has 32 bytes");
    const auto at = pointer_for_writing(impl_->plan->root(), copy, digest.path);
    if (!at) {
      return no_such_field(name(), digest.path);
    }
    SealedFields stands_for_it;
    stands_for_it.commitment = digest.hmac;
    write_sealed(copy, *at, stands_for_it);
  }
  wire::copy_canonical(copy.data(), canonical, 0);
  append_words(out, canonical);
  return {};
}

}  // namespace carnet::codec
