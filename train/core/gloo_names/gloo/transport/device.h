#pragma once

namespace gloo::transport {

class Device;
// Whole, as pointers to it that own are members of classes.
class UnboundBuffer {
 public:
  virtual ~UnboundBuffer();
};

}  // namespace gloo::transport
