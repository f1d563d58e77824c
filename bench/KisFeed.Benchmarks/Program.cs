using KisFeed.Benchmarks;

return BenchmarkDotNetRun.IsMatch(args) ? BenchmarkDotNetRun.Run(args) : await new BenchmarksCommand().RunAsync(args);
