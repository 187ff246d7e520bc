// Preloaded into a node (LD_PRELOAD), never linked: it has nothing to call. See fault_control.h for how it is told what to do.
#pragma once
