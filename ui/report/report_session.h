// SPDX-License-Identifier: Apache-2.0
// What drawing text needs from the system, display or not.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace precentral {

// Makes sure that fonts and drawing are at hand for as long as it lives: uses the running application of the desktop,
// or makes one that needs no display. A program without windows makes one of these first thing in main(), before
// anything else starts Qt; write_review() makes its own when there is none. Main thread. Throws Error when another part
// of the program has already started Qt without drawing.
class ReportSession {
public:
    ReportSession();
    ~ReportSession();
    ReportSession(const ReportSession&) = delete;
    ReportSession& operator=(const ReportSession&) = delete;

    // Sentences on what will look different from the design, e.g. a font that is not installed.
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    struct Application;
    std::unique_ptr<Application> application_;
    std::vector<std::string> warnings_;
};

}  // namespace precentral
