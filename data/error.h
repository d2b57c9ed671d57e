// SPDX-License-Identifier: Apache-2.0
// What this program throws: a sentence its user can act on, naming the file or the device.
#pragma once

#include <stdexcept>
#include <string>

namespace precentral {

// The work failed (exit code 1): a device went away, a disk is full, a fit did not converge.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// What was given cannot be used (exit code 2): a missing or broken file, a wrong option, a matrix that shears.
class InputError : public Error {
public:
    using Error::Error;
};

// The user asked to stop. Nothing half-done is left behind.
class Cancelled : public Error {
public:
    Cancelled() : Error("Stopped at your request. What was recorded is kept; nothing is half-written.") {}
};

}  // namespace precentral
