# SPDX-License-Identifier: Apache-2.0
# Room lib/codec (F2) and carnet/typed.hpp. CapnProto::capnpc parses schemas that no compiled code knows.
carnet_test(unit codec SOURCES unit/codec_messages_test.cpp unit/codec_layout_test.cpp unit/codec_wire_test.cpp
            unit/codec_frame_test.cpp unit/codec_payload_type_test.cpp unit/codec_payload_test.cpp unit/codec_tags_test.cpp
            unit/codec_personal_test.cpp unit/codec_json_test.cpp LIBS CapnProto::capnpc)
carnet_test(malformed codec SOURCES malformed/codec_test.cpp LIBS CapnProto::capnpc)
carnet_test(golden codec SOURCES golden/codec_test.cpp)
