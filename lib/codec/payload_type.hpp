// SPDX-License-Identifier: Apache-2.0
//
// PayloadType: one revision of one event type, known through its schema alone (compiled in, or loaded from the log). It
// checks, prints, parses, digests and walks payloads without generated code.
#pragma once

#include "base/bytes.hpp"

#include <carnet/domain.hpp>
#include <carnet/event.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace carnet::codec {

class JsonValue;

/// Why a payload is no payload of its type. `path` begins with `data` (`data.amount.currency`). Never quotes a value.
struct PayloadFault {
  std::string error;  ///< `FieldMissing`, `UnknownKey`, `BadId`, `IdLooksPersonal`, `EnumUnspecified`, `BadTime`, …
  std::string path;
  std::string message;
};

/// A personal field of a payload: where it stands, its class and the account whose key seals it.
struct PersonalSlot {
  std::string path;  ///< As in PersonalField.
  std::string data_class;
  std::string subject;  ///< Account id; empty: an external party, which has no key.
  std::uint32_t field =
      0;  ///< Number within the payload (part of the associated data): the slot's index in schema order of walking.
};

/// The parts of core.capnp:Sealed.
struct SealedFields {
  std::uint16_t version = 0;
  base::ByteSpan key_id;
  base::ByteSpan nonce;
  base::ByteSpan ciphertext;
  base::ByteSpan tag;
  base::ByteSpan commitment;
};

/// What stands in the canonical form in place of a sealed field.
struct SealedDigest {
  std::string path;
  base::ByteSpan hmac;  ///< 32 bytes.
};

enum class Evolution : std::uint8_t { kSame, kCompatible, kIncompatible };

struct EvolutionResult {
  Evolution evolution = Evolution::kSame;
  std::string reason;  ///< Of incompatibility: `field amount changed its type`.
};

/// Tag rules matched with one type's fields (PayloadType::compile_tags). Copyable, immutable.
class TagPlan {
 public:
  TagPlan() = default;

 private:
  friend class PayloadType;
  friend class TagCompiler;
  friend class TagWalk;
  struct Step;
  struct Level;
  std::shared_ptr<const std::vector<Level>> levels_;
};

/// Host's exemption from IdLooksPersonal.
using IdPattern = bool (*)(std::string_view id);

class PayloadType {
 public:
  /// Errors: kInvalidArgument `SchemaNotSupported` {type, field, reason}.
  [[nodiscard]] static Result<std::shared_ptr<const PayloadType>> create(std::string name, const SchemaHandle& schema);
  ~PayloadType();

  [[nodiscard]] const std::string& name() const noexcept;
  [[nodiscard]] bool derived() const noexcept;
  [[nodiscard]] std::span<const std::string> stream_families() const noexcept;  ///< Empty: any.
  [[nodiscard]] std::string_view stream_id_field() const noexcept;              ///< Empty: none.
  [[nodiscard]] std::uint64_t root() const noexcept;
  /// The fields for readers, in the order of their numbers: `amount Money, method⟨paymentMethod⟩, text*@D7?`; ids have
  /// no type, `?` is optional, `*@D7` sealed, `⟨⟩` a code of an open list, `{}` a closed enum or the fields of a
  /// struct.
  [[nodiscard]] std::string outline() const;
  /// Names of a closed enum by number, [0] is `unspecified`; empty: the type has no such enum.
  [[nodiscard]] std::span<const std::string> enumerants(std::string_view field) const;
  /// Closure of the schema: all reachable nodes and the annotations they use, sorted by id; the same for the same
  /// schema.
  [[nodiscard]] std::span<const std::uint64_t> closure() const noexcept;
  /// May payloads of `older` be read, and new ones written, under the same name? Stricter than Cap'n Proto: fields keep
  /// name, number, place, type and annotations; new fields come behind.
  [[nodiscard]] EvolutionResult compare_with(const PayloadType& older) const;

  // Below, a view that holds no payload, or one of another type, is safe: what does not fit reads as absent. Threads:
  // any.

  /// Whether the payload is a whole and well-formed one of this type, without anything that the type cannot name:
  /// required fields, enums, ids and names, UTF-8, currencies, digests, canonical JSON, the parts of sealed values. A
  /// required personal field may be absent while it stands in `unsealed` (a draft before sealing). Faults:
  /// `BadPayload`, `FieldMissing`, `UnknownField`, `NoSuchField` (of `unsealed`), `AlreadySealed` (the same),
  /// `EnumUnspecified`, `EnumUnknown`, `BadId`, `IdLooksPersonal`, `BadName`, `BadCode`, `BadText`, `BadDate`,
  /// `CurrencyUnknown`, `BadDigest`, `BadJson`, `BadSealed`.
  [[nodiscard]] std::optional<PayloadFault> check(const PayloadView& payload, IdPattern exempt,
                                                  std::span<const PersonalField> unsealed = {}) const;
  /// Text of a top-level Text field; empty when absent.
  [[nodiscard]] std::string_view text_field(const PayloadView& payload, std::string_view field) const;
  /// The rules that concern this type, ready for use. `rules` and what they view must outlive it, as must the type.
  [[nodiscard]] TagPlan compile_tags(std::span<const TagRule> rules) const;
  /// Appends the names that the rules give, by row, then by bytes; duplicates within this call are left out. An empty
  /// text gives none.
  void derive_tags(const PayloadView& payload, const TagPlan& plan, std::vector<std::string>& out) const;
  /// The same with a plan made for this one call: about ten times slower.
  void derive_tags(const PayloadView& payload, std::span<const TagRule> rules, std::vector<std::string>& out) const;

  /// Codes of open lists that stand in the payload: (list, code, path).
  struct CodeUse {
    std::string_view list;
    std::string_view code;
    std::string path;
  };

  void list_codes(const PayloadView& payload, std::vector<CodeUse>& out) const;

  /// Personal slots of the type that hold a Sealed value, or are named in `wanted`.
  void personal_slots(const PayloadView& payload, std::span<const PersonalField> wanted,
                      std::vector<PersonalSlot>& out) const;
  [[nodiscard]] bool has_personal_fields() const noexcept;
  /// Writes a sealed value at a slot. Errors: kInvalidArgument `NoSuchField`.
  [[nodiscard]] Status set_sealed(Payload& payload, std::string_view path, const SealedFields& sealed) const;
  [[nodiscard]] std::optional<SealedFields> get_sealed(const PayloadView& payload, std::string_view path) const;

  /// Cap'n Proto's canonical form with each sealed value replaced by its digest, appended to `out`
  /// (docs/reference/log-format.md, "Request digest").
  [[nodiscard]] Status append_canonical(const PayloadView& payload, std::span<const SealedDigest> sealed,
                                        std::string& out) const;

  /// The `data` object. Sealed values print as `"[sealed]"`, or what `opened` holds for their path (also where nothing
  /// is sealed yet). A view that holds no payload prints as null.
  void append_json(const PayloadView& payload, std::span<const PersonalField> opened, std::string& out) const;
  /// Makes a payload of a JSON object (text). Personal fields are plain strings there and land in `personal`.
  /// Faults: `BadJson`, `UnknownKey`, `DuplicateKey`, `MissingKey`, `BadValue`, `BadTime`, `BadDuration`, `BadDate`,
  /// `CurrencyUnknown`, `EnumUnspecified`, `EnumUnknown`, `SealedValue` (the literal `[sealed]`). check() judges the
  /// rest.
  [[nodiscard]] std::variant<Payload, PayloadFault> from_json(std::string_view object,
                                                              std::vector<PersonalField>& personal) const;
  /// The same of a value that is parsed already. `payload` is overwritten; after a fault it and `personal` are
  /// unspecified.
  [[nodiscard]] std::optional<PayloadFault> read(JsonValue object, Payload& payload,
                                                 std::vector<PersonalField>& personal) const;

 private:
  struct Impl;
  explicit PayloadType(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Closure of CommitHeader, Introduction and Event: what LedgerCreated carries.
[[nodiscard]] std::vector<std::uint64_t> log_schema_closure();

/// The core's own event types, in the order of carnet::core::Type (lib/codec/core_types.hpp).
[[nodiscard]] std::span<const EventTypeSpec> core_event_types();

}  // namespace carnet::codec
