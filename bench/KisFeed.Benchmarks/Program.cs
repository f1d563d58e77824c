using KisFeed.Benchmarks;
using KisFeed.Benchmarks.Capture;
using KisFeed.Benchmarks.Decode;
using KisFeed.Benchmarks.Fanout;
using KisFeed.Benchmarks.History;
using KisFeed.Benchmarks.Memory;
using KisFeed.Benchmarks.Publishing;
using KisFeed.Benchmarks.Sockets;
using KisFeed.Benchmarks.Storing;

if (BenchmarkDotNetRun.IsMatch(args))
    return BenchmarkDotNetRun.Run(args);

var command = new BenchmarksCommand(
[
    new DecodeSuite(),
    new SocketSuite(),
    new FanoutSuite(),
    new CaptureSuite(),
    new HistorySuite(),
    new MemorySuite(),
    new SinkSuite(),
    new PublishSuite(),
]);
return await command.RunAsync(args);
