#pragma once

#include "../CLinux/fault_control.h"

/// What the bench wants, or null: nothing.
extern struct fault_control *fault_control;
