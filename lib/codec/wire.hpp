// SPDX-License-Identifier: Apache-2.0
//
// Cap'n Proto's encoding in one segment, at the level of words: check, read, copy into canonical form, write. Messages
// of the log are read and written here and not through the library's arenas, because an event passes this room several
// times and the arenas cost more than the bytes: bench/codec_bench.cpp has both. Tests hold it equal to the library.
//
// Order of use: `validate` once, then every reader below is safe on what it was given. Nothing here throws or
// allocates, except writers growing their vector.
#pragma once

#include "base/bytes.hpp"
#include "base/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace carnet::codec::wire {

using Word = std::uint64_t;
using Words = std::vector<Word>;

inline constexpr std::size_t kWordBytes = sizeof(Word);
/// Pointer offsets have 30 bits with sign: no message of ours comes near.
inline constexpr std::size_t kMessageWordsMax = (std::size_t{1} << 29U) - 1;
/// A struct without content is written as a pointer to itself.
inline constexpr Word kEmptyStruct = 0xfffffffcU;

enum class ElementSize : std::uint8_t {
  kVoid = 0,
  kBit = 1,
  kByte = 2,
  kTwoBytes = 3,
  kFourBytes = 4,
  kEightBytes = 5,
  kPointer = 6,
  kComposite = 7,
};

/// Bits of an element that is no pointer and no struct.
[[nodiscard]] constexpr std::uint32_t bits_of(ElementSize size) noexcept {
  constexpr std::uint32_t kBits[] = {0, 1, 8, 16, 32, 64, 64, 0};
  return kBits[static_cast<std::size_t>(size)];
}

namespace detail {

constexpr Word kKindMask = 3U;
constexpr Word kStructKind = 0U;
constexpr Word kListKind = 1U;

/// Words between the end of a pointer and what it points to.
[[nodiscard]] constexpr std::int64_t offset_of(Word pointer) noexcept {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(pointer)) >> 2;
}

[[nodiscard]] constexpr Word with_offset(std::int64_t offset, Word rest) noexcept {
  return (static_cast<std::uint32_t>(static_cast<std::int32_t>(offset)) << 2U) | rest;
}

[[nodiscard]] constexpr std::uint16_t data_words_of(Word pointer) noexcept {
  return static_cast<std::uint16_t>(pointer >> 32U);
}

[[nodiscard]] constexpr std::uint16_t pointer_count_of(Word pointer) noexcept {
  return static_cast<std::uint16_t>(pointer >> 48U);
}

[[nodiscard]] constexpr ElementSize element_size_of(Word pointer) noexcept {
  return static_cast<ElementSize>((pointer >> 32U) & 7U);
}

/// Elements; of a composite list, words without the tag.
[[nodiscard]] constexpr std::uint32_t count_of(Word pointer) noexcept {
  return static_cast<std::uint32_t>(pointer >> 35U);
}

[[nodiscard]] constexpr std::uint32_t tag_count_of(Word tag) noexcept {
  return static_cast<std::uint32_t>(tag) >> 2U;
}

}  // namespace detail

/// True when everything that `pointer` (a word of `message`) reaches lies inside `message`, nests no deeper than
/// kNestingMax, holds neither far pointers nor capabilities, and is, walked as a tree, no more than kTraversalFactor
/// times as many words as the message: so one pass over it is bounded, overlaps included. Cost: one such pass.
[[nodiscard]] bool validate(std::span<const Word> message, std::size_t pointer = 0) noexcept;

/// The words of aligned bytes, or an empty span when they are not aligned, not whole words or too many.
[[nodiscard]] inline std::span<const Word> as_words(base::ByteSpan bytes) noexcept {
  if (bytes.size() % kWordBytes != 0 || bytes.size() / kWordBytes > kMessageWordsMax ||
      reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(Word) != 0) {
    return {};
  }
  return {reinterpret_cast<const Word*>(bytes.data()), bytes.size() / kWordBytes};
}

[[nodiscard]] inline base::ByteSpan as_bytes(std::span<const Word> words) noexcept {
  return std::as_bytes(words);
}

/// A struct in place. Fields beyond what was stored read as zero and null, as the encoding has it.
class Struct {
 public:
  constexpr Struct() = default;

  constexpr Struct(const Word* data, std::uint16_t data_words, std::uint16_t pointer_count) noexcept
      : data_(data), data_words_(data_words), pointer_count_(pointer_count) {}

  /// `index` counts in units of T, as slot offsets of a schema do.
  template <class T>
  [[nodiscard]] T get(std::uint32_t index) const noexcept {
    if ((std::size_t{index} + 1) * sizeof(T) > std::size_t{data_words_} * kWordBytes) {
      return T{};
    }
    return base::load_le<T>(reinterpret_cast<const std::byte*>(data_) + std::size_t{index} * sizeof(T));
  }

  [[nodiscard]] bool get_bit(std::uint32_t index) const noexcept {
    return ((std::uint32_t{get<std::uint8_t>(index / 8)} >> (index % 8)) & 1U) != 0;
  }

  /// The pointer, or null when it is null or was not stored.
  [[nodiscard]] const Word* pointer(std::uint32_t index) const noexcept {
    if (index >= pointer_count_) {
      return nullptr;
    }
    const Word* at = data_ + data_words_ + index;
    return *at == 0 ? nullptr : at;
  }

  [[nodiscard]] std::span<const Word> data() const noexcept { return {data_, data_words_}; }

  [[nodiscard]] std::span<const Word> pointers() const noexcept { return {data_ + data_words_, pointer_count_}; }

 private:
  const Word* data_ = nullptr;
  std::uint16_t data_words_ = 0;
  std::uint16_t pointer_count_ = 0;
};

/// A list in place.
struct List {
  const Word* begin = nullptr;  ///< Of the elements.
  std::uint32_t count = 0;
  ElementSize size = ElementSize::kVoid;
  std::uint16_t data_words = 0;     ///< Of a composite list's element.
  std::uint16_t pointer_count = 0;  ///< Of a composite list's element.

  /// Requires: size is kComposite, index < count.
  [[nodiscard]] Struct element(std::uint32_t index) const noexcept {
    return {begin + std::size_t{index} * (std::size_t{data_words} + pointer_count), data_words, pointer_count};
  }

  /// Requires: size is that of T, index < count.
  template <class T>
  [[nodiscard]] T get(std::uint32_t index) const noexcept {
    return base::load_le<T>(reinterpret_cast<const std::byte*>(begin) + std::size_t{index} * sizeof(T));
  }

  /// Requires: size is kBit, index < count.
  [[nodiscard]] bool get_bit(std::uint32_t index) const noexcept {
    return ((begin[index / 64] >> (index % 64)) & 1U) != 0;
  }

  /// Requires: size is kPointer, index < count. Null when the element is.
  [[nodiscard]] const Word* pointer(std::uint32_t index) const noexcept {
    return begin[index] == 0 ? nullptr : begin + index;
  }
};

// Readers of a pointer that is not null, inside a validated message. False: it points to something else.

[[nodiscard]] inline bool read_struct(const Word* pointer, Struct& out) noexcept {
  if ((*pointer & detail::kKindMask) != detail::kStructKind) {
    return false;
  }
  out = Struct(pointer + 1 + detail::offset_of(*pointer), detail::data_words_of(*pointer),
               detail::pointer_count_of(*pointer));
  return true;
}

[[nodiscard]] inline bool read_list(const Word* pointer, List& out) noexcept {
  if ((*pointer & detail::kKindMask) != detail::kListKind) {
    return false;
  }
  const Word* target = pointer + 1 + detail::offset_of(*pointer);
  out.size = detail::element_size_of(*pointer);
  if (out.size == ElementSize::kComposite) {
    out.begin = target + 1;
    out.count = detail::tag_count_of(*target);
    out.data_words = detail::data_words_of(*target);
    out.pointer_count = detail::pointer_count_of(*target);
  } else {
    out.begin = target;
    out.count = detail::count_of(*pointer);
    out.data_words = 0;
    out.pointer_count = 0;
  }
  return true;
}

[[nodiscard]] inline bool read_data(const Word* pointer, base::ByteSpan& out) noexcept {
  if ((*pointer & detail::kKindMask) != detail::kListKind || detail::element_size_of(*pointer) != ElementSize::kByte) {
    return false;
  }
  const Word* target = pointer + 1 + detail::offset_of(*pointer);
  out = {reinterpret_cast<const std::byte*>(target), detail::count_of(*pointer)};
  return true;
}

/// A text is data that ends with a zero byte, which is not part of it.
[[nodiscard]] inline bool read_text(const Word* pointer, std::string_view& out) noexcept {
  base::ByteSpan bytes;
  if (!read_data(pointer, bytes) || bytes.empty() || bytes.back() != std::byte{0}) {
    return false;
  }
  out = base::as_text(bytes.first(bytes.size() - 1));
  return true;
}

/// Text of a pointer that may be null (then empty). False: it points to something else.
[[nodiscard]] inline bool read_text_or_empty(const Word* pointer, std::string_view& out) noexcept {
  if (pointer == nullptr) {
    out = {};
    return true;
  }
  return read_text(pointer, out);
}

/// validate(), and the root is a struct (an empty one counts, null does not).
[[nodiscard]] inline bool is_struct_message(std::span<const Word> message) noexcept {
  return !message.empty() && message[0] != 0 && (message[0] & detail::kKindMask) == detail::kStructKind &&
         validate(message);
}

/// Appends what `pointer` reaches to `out` in Cap'n Proto's canonical form (objects in preorder, trailing zero words of
/// structs cut) and sets `out[at]` to point to it. Requires: validated; `out` is not where `pointer` lies.
void copy_canonical(const Word* pointer, Words& out, std::size_t at);

/// Writes one message, or one object that stands alone, behind what `out` holds. Objects are named by the index of
/// their first word in `out`; pointers are relative, so the whole may be moved.
class Writer {
 public:
  explicit Writer(Words& out) noexcept : out_(out) {}

  /// Zeroed words at the end; returns the index of the first.
  std::size_t allocate(std::size_t words) {
    const std::size_t at = out_.size();
    out_.resize(at + words);
    return at;
  }

  /// Makes the pointer at `at` point to a new struct; returns the index of its data.
  std::size_t init_struct(std::size_t at, std::uint16_t data_words, std::uint16_t pointer_count);
  /// A new list of structs; returns the index of the first element.
  std::size_t init_composite(std::size_t at, std::uint32_t count, std::uint16_t data_words,
                             std::uint16_t pointer_count);
  /// A new list of anything else; returns the index of its first word.
  std::size_t init_list(std::size_t at, ElementSize size, std::uint32_t count);
  void set_data(std::size_t at, base::ByteSpan bytes);
  void set_text(std::size_t at, std::string_view text);

  /// `index` counts in units of T from the word `object`.
  template <class T>
  void set(std::size_t object, std::uint32_t index, T value) noexcept {
    base::store_le(reinterpret_cast<std::byte*>(out_.data() + object) + std::size_t{index} * sizeof(T), value);
  }

  void set_bit(std::size_t object, std::uint32_t index) noexcept {
    out_[object + index / 64] |= Word{1} << (index % 64);
  }

 private:
  Words& out_;
};

/// The pointer word at index `at` to a struct whose data begins at index `target`.
[[nodiscard]] constexpr Word struct_pointer(std::size_t at, std::size_t target, std::uint16_t data_words,
                                            std::uint16_t pointer_count) noexcept {
  return detail::with_offset(static_cast<std::int64_t>(target) - static_cast<std::int64_t>(at) - 1,
                             detail::kStructKind | (Word{data_words} << 32U) | (Word{pointer_count} << 48U));
}

/// The pointer word at `at` to a list at `target`; `count` is of elements, of a composite list: of words without the
/// tag.
[[nodiscard]] constexpr Word list_pointer(std::size_t at, std::size_t target, ElementSize size,
                                          std::uint32_t count) noexcept {
  return detail::with_offset(static_cast<std::int64_t>(target) - static_cast<std::int64_t>(at) - 1,
                             detail::kListKind | (Word{static_cast<std::uint8_t>(size)} << 32U) | (Word{count} << 35U));
}

/// The word before the elements of a composite list.
[[nodiscard]] constexpr Word composite_tag(std::uint32_t count, std::uint16_t data_words,
                                           std::uint16_t pointer_count) noexcept {
  return (Word{count} << 2U) | (Word{data_words} << 32U) | (Word{pointer_count} << 48U);
}

/// A pointer with its object behind it (`block[0]` points to `block[1]`), moved: the pointer word for index `at` when
/// the object is copied to index `target`.
[[nodiscard]] constexpr Word moved_pointer(Word pointer, std::size_t at, std::size_t target) noexcept {
  if (pointer == 0 || pointer == kEmptyStruct) {
    return pointer;
  }
  return detail::with_offset(
      detail::offset_of(pointer) + static_cast<std::int64_t>(target) - static_cast<std::int64_t>(at) - 1,
      pointer & ~Word{0xfffffffcU});
}

}  // namespace carnet::codec::wire
