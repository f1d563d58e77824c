# Prints the name, the message, the output and the location of each failed test in the logs of test projects.
/^    [^ ].* \[FAIL\]$/ { show = 1; trace = 0 }
/^  [A-Z]|^===|^    [^ ].* \[SKIP\]$/ { show = 0 }
/^      Output:/ { trace = 0 }
show && trace < 6
trace { trace++ }
/^      Stack Trace:/ { trace = show }
