using KisFeed.Benchmarks;
using KisFeed.Benchmarks.Capture;
using KisFeed.Benchmarks.Decode;
using KisFeed.Benchmarks.Fanout;
using KisFeed.Benchmarks.Memory;
using KisFeed.Benchmarks.Sockets;

if (BenchmarkDotNetRun.IsMeant(args))
    return BenchmarkDotNetRun.Run(args);

var command = new BenchmarksCommand(
[
    new DecodeContest(),
    new SocketContest(),
    new FanoutContest(),
    new CaptureContest(),
    new MemoryContest(),
]);
return await command.RunAsync(args);
