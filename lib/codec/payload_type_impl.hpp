// SPDX-License-Identifier: Apache-2.0
//
// What a PayloadType holds; its methods stand in payload_type.cpp, check.cpp, tags.cpp, personal.cpp, evolution.cpp,
// payload_json_write.cpp and payload_json_read.cpp.
#pragma once

#include "codec/closure.hpp"
#include "codec/payload_type.hpp"
#include "codec/plan.hpp"

#include <memory>
#include <string>

namespace carnet::codec {

struct PayloadType::Impl {
  std::string name;
  Closure closure;
  std::unique_ptr<const Plan> plan;
};

}  // namespace carnet::codec
