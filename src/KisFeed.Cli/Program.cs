using KisFeed.Cli.Hosting;

return await CommandLine.RunAsync(args);
