// SPDX-License-Identifier: Apache-2.0
// A place to draw for tests: memory only, or an X display with OpenGL (an Xvfb of the test's own when there is none).
#pragma once

#include <QApplication>
#include <string>

namespace precentral::test {

enum class Screen { memory, x11 };

// Makes the process's one QApplication on first use. Returns "" when the screen asked for is at hand, otherwise why
// not; one process has one screen, so a test that needs the other kind is skipped and says so.
std::string need_screen(Screen screen);

// Handles events for that long.
void wait_ms(int ms);

}  // namespace precentral::test

#define NEED_SCREEN(which) \
    if (const std::string why = ::precentral::test::need_screen(which); !why.empty()) GTEST_SKIP() << why
