using KisFeed.Cli;

return await CommandLine.RunAsync(args);
