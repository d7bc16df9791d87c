// SPDX-License-Identifier: Apache-2.0
//
// Whether a payload is one of its type. On the append path: one walk, paths are spelled only for a fault.
#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "codec/json.hpp"
#include "codec/payload_type.hpp"
#include "codec/payload_type_impl.hpp"
#include "codec/payload_view.hpp"
#include "codec/personal.hpp"

#include <carnet/money.hpp>

#include <algorithm>

namespace carnet::codec {
namespace {

using wire::List;
using wire::Struct;
using wire::Word;

constexpr std::size_t kDigestBytes = 32;

// Places and lengths of core.capnp:Sealed.
struct SealedPart {
  std::uint32_t slot;
  std::size_t bytes_min;
  std::size_t bytes_max;
};

constexpr SealedPart kSealedParts[] = {
    {0, 16, 16},                      // keyId
    {1, 12, 12},                      // nonce
    {2, 16, kEventBytesMax},          // ciphertext: 16 random bytes, then the plaintext
    {3, 16, 16},                      // tag
    {4, kDigestBytes, kDigestBytes},  // commitment
};

class Checker {
 public:
  Checker(IdPattern exempt, std::span<const PersonalField> unsealed) : exempt_(exempt), unsealed_(unsealed) {}

  // True: nothing wrong. Else fault() says what.
  bool structure(const StructPlan& plan, const Struct& object) {
    if (!knows_everything(plan, object)) {
      return false;
    }
    if (plan.role == Role::kSealed) {
      return sealed(object);
    }
    for (const FieldPlan& field : plan.fields) {
      if (!(field.is_pointer() ? pointer(field, object.pointer(field.slot)) : number(field, object))) {
        return false;
      }
    }
    return true;
  }

  std::optional<PayloadFault> fault() && { return std::move(fault_); }

 private:
  bool fail(const FieldPlan& field, std::int64_t index, const char* error, std::string message) {
    fault_ = PayloadFault{.error = error, .path = "data." + path_.spell(field, index), .message = std::move(message)};
    return false;
  }

  // Of the struct where the walk stands.
  bool fail_here(const char* error, const char* message) {
    const std::string path = path_.spell();
    fault_ = PayloadFault{.error = error, .path = path.empty() ? "data" : "data." + path, .message = message};
    return false;
  }

  // What the schema does not name would stand in the log and be shown by nobody.
  bool knows_everything(const StructPlan& plan, const Struct& object) {
    const std::span<const Word> data = object.data();
    Word unknown = 0;
    for (std::size_t i = 0; i < data.size(); ++i) {
      unknown |= i < plan.used_bits.size() ? data[i] & ~plan.used_bits[i] : data[i];
    }
    const std::span<const Word> pointers = object.pointers();
    for (std::size_t i = plan.pointer_count; i < pointers.size(); ++i) {
      unknown |= pointers[i];
    }
    return unknown == 0 || fail_here("UnknownField", "it holds bits that no field of this type names");
  }

  bool number(const FieldPlan& field, const Struct& object) {
    switch (field.base) {
      case Base::kEnum:
        return enumerant(field, Path::kNoIndex, object.get<std::uint16_t>(field.slot));
      case Base::kInt32:
        return field.format != Format::kDate || date(field, Path::kNoIndex, object.get<std::int32_t>(field.slot));
      case Base::kUInt32:
        return field.format != Format::kCurrency ||
               currency(field, Path::kNoIndex, object.get<std::uint32_t>(field.slot));
      default:
        return true;
    }
  }

  bool enumerant(const FieldPlan& field, std::int64_t index, std::uint16_t value) {
    if (value == 0) {
      return fail(field, index, "EnumUnspecified", "state one of the values of " + field.enumeration->name);
    }
    return value < field.enumeration->names.size() ||
           fail(field, index, "EnumUnknown", "its number is beyond the values of " + field.enumeration->name);
  }

  bool date(const FieldPlan& field, std::int64_t index, std::int32_t days) {
    return (days >= kLocalDateMin.days && days <= kLocalDateMax.days) ||
           fail(field, index, "BadDate", "a date lies in the years 0000 to 9999");
  }

  bool currency(const FieldPlan& field, std::int64_t index, std::uint32_t packed) {
    return Currency(packed).is_known() ||
           fail(field, index, "CurrencyUnknown", "a currency is an ISO 4217 code, or PTS for points");
  }

  bool pointer(const FieldPlan& field, const Word* at) {
    if (at == nullptr) {
      return field.is_optional || may_be_sealed_later(field) ||
             fail(field, Path::kNoIndex, "FieldMissing",
                  field.is_list ? "the field is required: an empty list is stated as such" : "the field is required");
    }
    if (field.is_list) {
      return list(field, at);
    }
    switch (field.base) {
      case Base::kText: {
        std::string_view value;
        return (wire::read_text(at, value) || wrong_kind(field)) && text(field, Path::kNoIndex, value);
      }
      case Base::kData: {
        base::ByteSpan value;
        return (wire::read_data(at, value) || wrong_kind(field)) && data(field, Path::kNoIndex, value);
      }
      default: {
        Struct value;
        if (!wire::read_struct(at, value)) {
          return wrong_kind(field);
        }
        path_.push(field);
        if (!structure(*field.structure, value)) {
          return false;
        }
        path_.pop();
        return true;
      }
    }
  }

  bool wrong_kind(const FieldPlan& field, std::int64_t index = Path::kNoIndex) {
    return fail(field, index, "BadPayload", "its encoding is not that of the field's type");
  }

  bool may_be_sealed_later(const FieldPlan& field) const {
    return field.is_personal() && !unsealed_.empty() &&
           std::ranges::find(unsealed_, path_.spell(field), &PersonalField::path) != unsealed_.end();
  }

  bool list(const FieldPlan& field, const Word* at) {
    List list;
    if (!wire::read_list(at, list) || list.size != element_size_of(field.base)) {
      return wrong_kind(field);
    }
    if (bits_of(field.base) != 0) {
      return numbers(field, list);
    }
    for (std::uint32_t i = 0; i < list.count; ++i) {
      if (field.base == Base::kStruct) {
        path_.push(field, i);
        if (!structure(*field.structure, list.element(i))) {
          return false;
        }
        path_.pop();
      } else if (!blob(field, i, list.pointer(i))) {
        return false;
      }
    }
    return true;
  }

  bool numbers(const FieldPlan& field, const List& list) {
    for (std::uint32_t i = 0; i < list.count; ++i) {
      bool good = true;
      if (field.base == Base::kEnum) {
        good = enumerant(field, i, list.get<std::uint16_t>(i));
      } else if (field.format == Format::kDate) {
        good = date(field, i, list.get<std::int32_t>(i));
      } else if (field.format == Format::kCurrency) {
        good = currency(field, i, list.get<std::uint32_t>(i));
      }
      if (!good) {
        return false;
      }
    }
    return true;
  }

  bool blob(const FieldPlan& field, std::uint32_t index, const Word* at) {
    if (at == nullptr) {
      return fail(field, index, "FieldMissing", "an element of a list is never absent");
    }
    if (field.base == Base::kText) {
      std::string_view value;
      return (wire::read_text(at, value) || wrong_kind(field, index)) && text(field, index, value);
    }
    base::ByteSpan value;
    return (wire::read_data(at, value) || wrong_kind(field, index)) && data(field, index, value);
  }

  bool text(const FieldPlan& field, std::int64_t index, std::string_view value) {
    switch (field.format) {
      case Format::kId:
        return id(field, index, value);
      case Format::kName:
        return name(field, index, value);
      case Format::kCode:
        return code(field, index, value);
      case Format::kJson:
        return json(field, index, value);
      default:
        return base::is_utf8(value) || fail(field, index, "BadText", "a text is UTF-8");
    }
  }

  bool id(const FieldPlan& field, std::int64_t index, std::string_view value) {
    static const base::IdRules no_exemption;
    switch (base::check_id(value, no_exemption)) {
      case base::IdFault::kNone:
        return true;
      case base::IdFault::kBadId:
        return fail(field, index, "BadId", "an id is 1 to 64 characters of A-Z a-z 0-9 . _ : -");
      case base::IdFault::kLooksPersonal:
        return is_exempt(value) || looks_personal(field, index);
    }
    return true;
  }

  bool is_exempt(std::string_view id) const { return exempt_ != nullptr && exempt_(id); }

  bool looks_personal(const FieldPlan& field, std::int64_t index) {
    return fail(
        field, index, "IdLooksPersonal",
        "ids are never erased, and this one looks like a telephone or identity number: use another, or register "
        "its pattern");
  }

  bool name(const FieldPlan& field, std::int64_t index, std::string_view value) {
    if (const base::NameFault fault = base::check_name(value); fault != base::NameFault::kNone) {
      return fail(field, index, "BadName", "a name is family/id; this one is " + std::string(base::to_string(fault)));
    }
    const std::string_view id = base::split_name(value).id;
    return !base::looks_personal(id) || is_exempt(id) || looks_personal(field, index);
  }

  bool code(const FieldPlan& field, std::int64_t index, std::string_view value) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    return (!value.empty() && value.size() <= kNameBytesMax && std::ranges::none_of(value, is_control) &&
            base::is_utf8(value)) ||
           fail(field, index, "BadCode", "a code is 1 to 255 bytes of UTF-8 without control characters");
  }

  bool json(const FieldPlan& field, std::int64_t index, std::string_view value) {
    const Result<std::string> canonical = canonical_json(value);
    return (canonical && *canonical == value) ||
           fail(field, index, "BadJson", "it is not JSON in the canonical form of RFC 8785");
  }

  bool data(const FieldPlan& field, std::int64_t index, base::ByteSpan value) {
    return field.format != Format::kDigest || value.size() == kDigestBytes ||
           fail(field, index, "BadDigest", "a digest has 32 bytes");
  }

  bool sealed(const Struct& object) {
    bool good = object.get<std::uint16_t>(0) != 0;
    for (const SealedPart& part : kSealedParts) {
      const Word* at = object.pointer(part.slot);
      base::ByteSpan bytes;
      good = good && at != nullptr && wire::read_data(at, bytes) && bytes.size() >= part.bytes_min &&
             bytes.size() <= part.bytes_max;
    }
    return good || fail_here("BadSealed", "a part of the sealed value is missing or has another length");
  }

  IdPattern exempt_;
  std::span<const PersonalField> unsealed_;
  Path path_;
  std::optional<PayloadFault> fault_;
};

}  // namespace

std::optional<PayloadFault> PayloadType::check(const PayloadView& payload, IdPattern exempt,
                                               std::span<const PersonalField> unsealed) const {
  Struct object;
  if (!root_of(payload, object)) {
    return PayloadFault{.error = "BadPayload", .path = "data", .message = "the payload is no message"};
  }
  for (const PersonalField& field : unsealed) {
    const auto place = find_personal(impl_->plan->root(), object, field.path);
    if (!place || place->pointer() != nullptr) {
      return PayloadFault{.error = place ? "AlreadySealed" : "NoSuchField",
                          .path = "data." + field.path,
                          .message = place ? "the field is given as plain text and sealed already"
                                           : "the payload has no personal field at this path"};
    }
  }
  Checker checker(exempt, unsealed);
  checker.structure(impl_->plan->root(), object);
  return std::move(checker).fault();
}

}  // namespace carnet::codec
