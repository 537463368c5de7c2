"""Standing: restricting, suspending and terminating organisations, appeals, and what follows."""
