// SPDX-License-Identifier: Apache-2.0
//
// The walks over words: the check that makes readers safe, the copy into canonical form, and the writer.
#include "codec/wire.hpp"

#include "base/check.hpp"

namespace carnet::codec::wire {
namespace {

class Validator {
 public:
  explicit Validator(std::span<const Word> message) noexcept
      : words_(message.data()), size_(message.size()), budget_(message.size() * kTraversalFactor) {}

  bool pointer(std::size_t at, int depth) noexcept {
    const Word word = words_[at];
    if (word == 0) {
      return true;
    }
    if (depth == kNestingMax) {
      return false;
    }
    const std::int64_t offset = detail::offset_of(word);
    const std::int64_t target = static_cast<std::int64_t>(at) + 1 + offset;
    if (target < 0 || target > static_cast<std::int64_t>(size_)) {
      return false;
    }
    switch (word & detail::kKindMask) {
      case detail::kStructKind:
        return structure(static_cast<std::size_t>(target), detail::data_words_of(word), detail::pointer_count_of(word),
                         depth);
      case detail::kListKind:
        return list(static_cast<std::size_t>(target), word, depth);
      default:
        return false;
    }
  }

 private:
  // An empty object costs one word too, else a list of them would be walked for free.
  bool charge(std::uint64_t words) noexcept {
    const std::uint64_t cost = words + 1;
    if (cost > budget_) {
      return false;
    }
    budget_ -= cost;
    return true;
  }

  bool fits(std::size_t target, std::uint64_t words) const noexcept { return words <= size_ - target; }

  bool structure(std::size_t target, std::uint16_t data_words, std::uint16_t pointer_count, int depth) noexcept {
    const std::uint64_t words = std::uint64_t{data_words} + pointer_count;
    if (!fits(target, words) || !charge(words)) {
      return false;
    }
    return pointers(target + data_words, pointer_count, depth);
  }

  bool pointers(std::size_t at, std::size_t count, int depth) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
      if (words_[at + i] != 0 && !pointer(at + i, depth + 1)) {
        return false;
      }
    }
    return true;
  }

  bool list(std::size_t target, Word word, int depth) noexcept {
    const std::uint64_t count = detail::count_of(word);
    const ElementSize size = detail::element_size_of(word);
    if (size == ElementSize::kComposite) {
      return composite(target, count, depth);
    }
    const std::uint64_t words = (count * bits_of(size) + 63) / 64;
    if (!fits(target, words) || !charge(size == ElementSize::kVoid ? count : words)) {
      return false;
    }
    return size != ElementSize::kPointer || pointers(target, count, depth);
  }

  bool composite(std::size_t target, std::uint64_t words, int depth) noexcept {
    if (!fits(target, words + 1)) {
      return false;
    }
    const Word tag = words_[target];
    const std::uint64_t count = detail::tag_count_of(tag);
    const std::uint16_t data_words = detail::data_words_of(tag);
    const std::uint16_t pointer_count = detail::pointer_count_of(tag);
    const std::uint64_t element = std::uint64_t{data_words} + pointer_count;
    if ((tag & detail::kKindMask) != detail::kStructKind || element * count > words ||
        !charge(element == 0 ? count : words)) {
      return false;
    }
    if (pointer_count == 0) {
      return true;
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!pointers(target + 1 + i * element + data_words, pointer_count, depth)) {
        return false;
      }
    }
    return true;
  }

  const Word* words_;
  std::size_t size_;
  std::uint64_t budget_;
};

// Sizes of a struct without its trailing zero words: what the canonical form keeps.
struct Trimmed {
  std::uint16_t data_words = 0;
  std::uint16_t pointer_count = 0;
};

std::uint16_t without_trailing_zeros(const Word* words, std::uint16_t count) noexcept {
  while (count > 0 && words[count - 1] == 0) {
    --count;
  }
  return count;
}

Trimmed trimmed(const Struct& object) noexcept {
  return {without_trailing_zeros(object.data().data(), static_cast<std::uint16_t>(object.data().size())),
          without_trailing_zeros(object.pointers().data(), static_cast<std::uint16_t>(object.pointers().size()))};
}

void copy_content(const Struct& from, Trimmed size, Words& out, std::size_t to) {
  if (size.data_words > 0) {
    std::memcpy(out.data() + to, from.data().data(), size.data_words * kWordBytes);
  }
  const Word* pointers = from.pointers().data();
  for (std::size_t i = 0; i < size.pointer_count; ++i) {
    if (pointers[i] != 0) {
      copy_canonical(pointers + i, out, to + size.data_words + i);
    }
  }
}

void copy_struct(const Struct& from, Words& out, std::size_t at) {
  const Trimmed size = trimmed(from);
  if (size.data_words == 0 && size.pointer_count == 0) {
    out[at] = kEmptyStruct;
    return;
  }
  const std::size_t to = out.size();
  out.resize(to + size.data_words + size.pointer_count);
  out[at] = struct_pointer(at, to, size.data_words, size.pointer_count);
  copy_content(from, size, out, to);
}

void copy_composite(const List& from, Words& out, std::size_t at) {
  Trimmed size;
  for (std::uint32_t i = 0; i < from.count; ++i) {
    const Trimmed one = trimmed(from.element(i));
    size.data_words = std::max(size.data_words, one.data_words);
    size.pointer_count = std::max(size.pointer_count, one.pointer_count);
  }
  const std::size_t element = std::size_t{size.data_words} + size.pointer_count;
  const std::size_t to = out.size();
  out.resize(to + 1 + element * from.count);
  out[at] = list_pointer(at, to, ElementSize::kComposite, static_cast<std::uint32_t>(element * from.count));
  out[to] = composite_tag(from.count, size.data_words, size.pointer_count);
  for (std::uint32_t i = 0; i < from.count; ++i) {
    copy_content(from.element(i), size, out, to + 1 + i * element);
  }
}

void copy_list(const List& from, Words& out, std::size_t at) {
  if (from.size == ElementSize::kComposite) {
    copy_composite(from, out, at);
    return;
  }
  const std::uint64_t bits = std::uint64_t{from.count} * bits_of(from.size);
  const std::size_t words = (bits + 63) / 64;
  const std::size_t to = out.size();
  out.resize(to + words);
  out[at] = list_pointer(at, to, from.size, from.count);
  if (from.size == ElementSize::kPointer) {
    for (std::uint32_t i = 0; i < from.count; ++i) {
      if (from.begin[i] != 0) {
        copy_canonical(from.begin + i, out, to + i);
      }
    }
    return;
  }
  if (words > 0) {
    std::memcpy(out.data() + to, from.begin, words * kWordBytes);
    if (bits % 64 != 0) {
      out[to + words - 1] &= (Word{1} << (bits % 64)) - 1;
    }
  }
}

}  // namespace

bool validate(std::span<const Word> message, std::size_t pointer) noexcept {
  if (pointer >= message.size() || message.size() > kMessageWordsMax) {
    return false;
  }
  return Validator(message).pointer(pointer, 0);
}

void copy_canonical(const Word* pointer, Words& out, std::size_t at) {
  Struct structure;
  if (*pointer == 0) {
    out[at] = 0;
  } else if (read_struct(pointer, structure)) {
    copy_struct(structure, out, at);
  } else {
    List list;
    const bool is_list = read_list(pointer, list);
    CARNET_ASSERT(is_list, "a validated pointer is a struct or a list");
    copy_list(list, out, at);
  }
}

std::size_t Writer::init_struct(std::size_t at, std::uint16_t data_words, std::uint16_t pointer_count) {
  if (data_words == 0 && pointer_count == 0) {
    out_[at] = kEmptyStruct;
    return out_.size();
  }
  const std::size_t target = allocate(std::size_t{data_words} + pointer_count);
  out_[at] = struct_pointer(at, target, data_words, pointer_count);
  return target;
}

std::size_t Writer::init_composite(std::size_t at, std::uint32_t count, std::uint16_t data_words,
                                   std::uint16_t pointer_count) {
  const std::size_t words = std::size_t{count} * (std::size_t{data_words} + pointer_count);
  const std::size_t target = allocate(words + 1);
  out_[at] = list_pointer(at, target, ElementSize::kComposite, static_cast<std::uint32_t>(words));
  out_[target] = composite_tag(count, data_words, pointer_count);
  return target + 1;
}

std::size_t Writer::init_list(std::size_t at, ElementSize size, std::uint32_t count) {
  CARNET_REQUIRE(size != ElementSize::kComposite, "a list of structs has a tag: init_composite");
  const std::size_t target = allocate((std::uint64_t{count} * bits_of(size) + 63) / 64);
  out_[at] = list_pointer(at, target, size, count);
  return target;
}

void Writer::set_data(std::size_t at, base::ByteSpan bytes) {
  const std::size_t target = init_list(at, ElementSize::kByte, static_cast<std::uint32_t>(bytes.size()));
  if (!bytes.empty()) {
    std::memcpy(out_.data() + target, bytes.data(), bytes.size());
  }
}

void Writer::set_text(std::size_t at, std::string_view text) {
  const std::size_t target = init_list(at, ElementSize::kByte, static_cast<std::uint32_t>(text.size() + 1));
  if (!text.empty()) {
    std::memcpy(out_.data() + target, text.data(), text.size());
  }
}

}  // namespace carnet::codec::wire
