# SPDX-License-Identifier: Apache-2.0
# Room lib/codec (F2).
carnet_test(unit codec SOURCES unit/codec_messages_test.cpp unit/codec_layout_test.cpp unit/codec_wire_test.cpp
            unit/codec_frame_test.cpp)
