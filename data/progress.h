// SPDX-License-Identifier: Apache-2.0
// How long work says how far it is, and hears that it should stop.
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "data/error.h"

namespace precentral {

struct Progress {
    std::stop_token stop;
    // fraction in [0, 1], and a few words on what is being done now. Called on the thread that works.
    std::function<void(double fraction, std::string_view doing)> report;

    // Throws Cancelled when a stop was asked for.
    void at(double fraction, std::string_view doing) const {
        if (stop.stop_requested()) throw Cancelled();
        if (report) report(fraction, doing);
    }
};

}  // namespace precentral
