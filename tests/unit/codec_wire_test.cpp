// SPDX-License-Identifier: Apache-2.0
//
// Goal: what the codec does with words itself is what Cap'n Proto does: canonical copies are byte-equal to the
// library's, writers make what the library reads, and the check of hostile words accepts what is whole and refuses what
// is not. Method: random messages of generated types through both; hand-made words for every way to be malformed.
#undef BOOST_TEST_MODULE  // main() is in codec_messages_test.cpp
#include "codec/wire.hpp"
#include "support/codec_samples.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>
#include <capnp/any.h>
#include <capnp/serialize.h>

namespace carnet::codec {
namespace {

using test::words_of;
using wire::ElementSize;
using wire::Word;
using wire::Words;

capnp::AnyPointer::Reader read_with_library(capnp::SegmentArrayMessageReader& reader) {
  return reader.getRoot<capnp::AnyPointer>();
}

kj::ArrayPtr<const capnp::word> as_segment(const Words& words) {
  return {reinterpret_cast<const capnp::word*>(words.data()), words.size()};
}

Words canonical_by_library(const Words& message) {
  const kj::ArrayPtr<const capnp::word> segment = as_segment(message);
  capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1));
  const kj::Array<capnp::word> canonical = read_with_library(reader).getAs<capnp::AnyStruct>().canonicalize();
  Words out(canonical.size());
  std::memcpy(out.data(), canonical.begin(), canonical.size() * wire::kWordBytes);
  return out;
}

Words canonical_by_us(const Words& message) {
  Words out(1);
  wire::copy_canonical(message.data(), out, 0);
  return out;
}

Word pointer(std::int32_t offset, std::uint32_t high, std::uint32_t kind) {
  return (static_cast<std::uint32_t>(offset) << 2U) | kind | (Word{high} << 32U);
}

std::uint32_t list_high(ElementSize size, std::uint32_t count) {
  return static_cast<std::uint32_t>(size) | (count << 3U);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wire_words)

BOOST_AUTO_TEST_CASE(canonical_copy_is_the_librarys) {
  std::mt19937_64 engine = test::seeded_engine();
  for (int round = 0; round < 2000; ++round) {
    const Words message = test::random_node_message(engine);
    BOOST_REQUIRE(wire::validate(message));
    BOOST_REQUIRE(canonical_by_us(message) == canonical_by_library(message));
  }
}

BOOST_AUTO_TEST_CASE(canonical_copy_is_a_fixed_point) {
  std::mt19937_64 engine = test::seeded_engine();
  for (int round = 0; round < 200; ++round) {
    const Words once = canonical_by_us(test::random_node_message(engine));
    BOOST_REQUIRE(wire::validate(once));
    BOOST_REQUIRE(canonical_by_us(once) == once);
  }
}

BOOST_AUTO_TEST_CASE(canonical_copy_drops_what_is_not_reached) {
  capnp::MallocMessageBuilder builder;
  auto money = builder.initRoot<schema::TrafficViolationCharged>();
  money.setViolationId("thrown away later, but its words stay");
  money.setViolationId("V1");
  money.initFine().setMinor(5);
  const Words message = words_of(builder);
  const Words canonical = canonical_by_us(message);
  BOOST_TEST(canonical.size() < message.size());
  BOOST_TEST(base::as_text(wire::as_bytes(canonical)).find("thrown") == std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(writer_makes_what_the_library_reads) {
  Words words;
  wire::Writer writer(words);
  const std::size_t root = writer.allocate(1);
  const std::size_t object = writer.init_struct(root, 1, 2);
  writer.set<std::int64_t>(object, 0, -12345);
  writer.set_text(object + 1, "text");
  const std::size_t list = writer.init_list(object + 2, ElementSize::kBit, 70);
  writer.set_bit(list, 0);
  writer.set_bit(list, 69);
  BOOST_REQUIRE(wire::validate(words));

  const kj::ArrayPtr<const capnp::word> segment = as_segment(words);
  capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1));
  const auto any = read_with_library(reader).getAs<capnp::AnyStruct>();
  BOOST_TEST(base::load_le<std::int64_t>(any.getDataSection().begin()) == -12345);
  BOOST_TEST(any.getPointerSection()[0].getAs<capnp::Text>().cStr() == "text");
  const auto bits = any.getPointerSection()[1].getAs<capnp::List<bool>>();
  BOOST_REQUIRE(bits.size() == 70U);
  BOOST_TEST(bits[0]);
  BOOST_TEST(!bits[1]);
  BOOST_TEST(bits[69]);
}

BOOST_AUTO_TEST_CASE(moved_block_points_to_its_object) {
  Words block;
  wire::Writer writer(block);
  const std::size_t root = writer.allocate(1);
  writer.set_text(root, "moved");
  Words message(5, 0);
  message[1] = wire::moved_pointer(block[0], 1, message.size());
  message.insert(message.end(), block.begin() + 1, block.end());
  std::string_view text;
  BOOST_REQUIRE(wire::validate(message, 1));
  BOOST_REQUIRE(wire::read_text(&message[1], text));
  BOOST_TEST(text == "moved");
  BOOST_TEST(wire::moved_pointer(0, 3, 7) == 0U);
  BOOST_TEST(wire::moved_pointer(wire::kEmptyStruct, 3, 7) == Word{wire::kEmptyStruct});
}

BOOST_AUTO_TEST_CASE(fields_that_were_not_stored_read_as_zero) {
  const Words words{wire::struct_pointer(0, 1, 1, 1), 7, 0};
  wire::Struct object;
  BOOST_REQUIRE(wire::read_struct(words.data(), object));
  BOOST_TEST(object.get<std::uint64_t>(0) == 7U);
  BOOST_TEST(object.get<std::uint64_t>(1) == 0U);
  BOOST_TEST(object.get<std::uint8_t>(7) == 0U);
  BOOST_TEST(object.get<std::uint8_t>(8) == 0U);
  BOOST_TEST(object.get_bit(0));
  BOOST_TEST(!object.get_bit(64));
  BOOST_TEST(object.pointer(0) == nullptr);
  BOOST_TEST(object.pointer(1) == nullptr);
}

BOOST_AUTO_TEST_CASE(empty_struct_and_null_are_whole) {
  BOOST_TEST(wire::validate(Words{0}));
  BOOST_TEST(wire::validate(Words{wire::kEmptyStruct}));
  BOOST_TEST(!wire::validate(Words{}));
  BOOST_TEST(!wire::validate(Words{0}, 1));
}

BOOST_AUTO_TEST_CASE(pointers_out_of_the_message_are_refused) {
  BOOST_TEST(wire::validate(Words{pointer(0, 1, 0), 5}));
  BOOST_TEST(!wire::validate(Words{pointer(1, 1, 0), 5}));           // behind the end
  BOOST_TEST(!wire::validate(Words{pointer(0, 2, 0), 5}));           // longer than the rest
  BOOST_TEST(!wire::validate(Words{pointer(-2, 1, 0), 5}));          // before the begin
  BOOST_TEST(!wire::validate(Words{pointer(0x1fffffff, 0, 0), 5}));  // far away
  BOOST_TEST(!wire::validate(Words{pointer(-0x20000000, 0, 0), 5}));
  BOOST_TEST(!wire::validate(Words{pointer(0, list_high(ElementSize::kByte, 9), 1), 5}));
  BOOST_TEST(wire::validate(Words{pointer(0, list_high(ElementSize::kByte, 8), 1), 5}));
  BOOST_TEST(!wire::validate(Words{pointer(0, list_high(ElementSize::kBit, 65), 1), 5}));
  BOOST_TEST(!wire::validate(Words{pointer(0, list_high(ElementSize::kPointer, 2), 1), 0}));
  BOOST_TEST(!wire::validate(Words{pointer(0, list_high(ElementSize::kByte, 0x1fffffff), 1), 5}));
}

BOOST_AUTO_TEST_CASE(far_pointers_and_capabilities_are_refused) {
  BOOST_TEST(!wire::validate(Words{pointer(0, 0, 2), 5}));
  BOOST_TEST(!wire::validate(Words{pointer(0, 0, 3), 5}));
}

BOOST_AUTO_TEST_CASE(composite_lists_fit_their_words) {
  const Word list = pointer(0, list_high(ElementSize::kComposite, 2), 1);
  BOOST_TEST(wire::validate(Words{list, wire::composite_tag(2, 1, 0), 1, 2}));
  BOOST_TEST(!wire::validate(Words{list, wire::composite_tag(3, 1, 0), 1, 2}));
  BOOST_TEST(!wire::validate(Words{list, wire::composite_tag(0x3fffffff, 0xffff, 0xffff), 1, 2}));
  BOOST_TEST(!wire::validate(Words{list, wire::composite_tag(2, 1, 0) | 1, 1, 2}));  // the tag is no struct
  BOOST_TEST(!wire::validate(Words{list, wire::composite_tag(2, 1, 0), 1}));
}

BOOST_AUTO_TEST_CASE(lists_of_nothing_cost_by_their_count) {
  BOOST_TEST(!wire::validate(Words{pointer(0, list_high(ElementSize::kVoid, 0x1fffffff), 1)}));
  BOOST_TEST(!wire::validate(
      Words{pointer(0, list_high(ElementSize::kComposite, 0), 1), wire::composite_tag(0x3fffffff, 0, 0)}));
  BOOST_TEST(wire::validate(Words{pointer(0, list_high(ElementSize::kVoid, 5), 1)}));
}

BOOST_AUTO_TEST_CASE(nesting_is_bounded) {
  const auto chain = [](int depth) {
    Words words;
    for (int i = 0; i < depth; ++i) {
      words.push_back(pointer(0, 1U << 16U, 0));  // a struct of one pointer, the next word
    }
    words.push_back(0);
    return words;
  };
  BOOST_TEST(wire::validate(chain(kNestingMax)));
  BOOST_TEST(!wire::validate(chain(kNestingMax + 1)));
}

// One word, read as a struct of one pointer that points to itself.
BOOST_AUTO_TEST_CASE(loops_are_refused) {
  BOOST_TEST(!wire::validate(Words{pointer(-1, 1U << 16U, 0)}));
}

BOOST_AUTO_TEST_CASE(overlapping_objects_are_bounded_by_the_traversal_factor) {
  // A list of pointers that all point to the same 100 words.
  const auto fan = [](std::uint32_t count) {
    Words words{pointer(0, list_high(ElementSize::kPointer, count), 1)};
    for (std::uint32_t i = 0; i < count; ++i) {
      words.push_back(pointer(static_cast<std::int32_t>(count - i - 1), 100, 0));
    }
    words.resize(words.size() + 100, 1);
    return words;
  };
  BOOST_TEST(wire::validate(fan(5)));
  BOOST_TEST(!wire::validate(fan(50)));
}

BOOST_AUTO_TEST_CASE(texts_end_with_a_zero) {
  std::string_view text;
  const Words good{pointer(0, list_high(ElementSize::kByte, 3), 1), 0x6968};
  BOOST_REQUIRE(wire::read_text(good.data(), text));
  BOOST_TEST(text == "hi");
  const Words unended{pointer(0, list_high(ElementSize::kByte, 2), 1), 0x6968};
  BOOST_TEST(!wire::read_text(unended.data(), text));
  const Words empty{pointer(0, list_high(ElementSize::kByte, 0), 1)};
  BOOST_TEST(!wire::read_text(empty.data(), text));
  const Words wide{pointer(0, list_high(ElementSize::kTwoBytes, 1), 1), 0};
  BOOST_TEST(!wire::read_text(wide.data(), text));
}

BOOST_AUTO_TEST_CASE(bytes_become_words_only_when_aligned_and_whole) {
  alignas(8) std::byte bytes[24]{};
  BOOST_TEST(wire::as_words({bytes, 24}).size() == 3U);
  BOOST_TEST(wire::as_words({bytes, 23}).empty());
  BOOST_TEST(wire::as_words({bytes + 1, 16}).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec
