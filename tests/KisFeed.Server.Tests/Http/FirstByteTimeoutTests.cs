using System.IO.Pipelines;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server.Tests.Http;

public sealed class FirstByteTimeoutTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _time = new();
    private readonly Pipe _input = new();
    private int _silent;

    [Fact]
    public async Task A_connection_without_a_first_byte_is_closed()
    {
        var isServed = false;
        var serving = ServeAsync(_ =>
        {
            isServed = true;
            return Task.CompletedTask;
        });
        _time.Advance(s_limit - TimeSpan.FromTicks(1));
        serving.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromTicks(1));
        await serving.WaitAsync(Patience.Limit);
        isServed.ShouldBeFalse();
        _silent.ShouldBe(1);
    }

    [Fact]
    public async Task A_connection_is_served_after_its_first_byte_without_a_timeout()
    {
        string? read = null;
        var serving = ServeAsync(async connection =>
        {
            _time.Advance(s_limit * 10);
            var result = await connection.Transport.Input.ReadAsync();
            read = System.Text.Encoding.ASCII.GetString(result.Buffer.First.Span);
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
        });
        await _input.Writer.WriteAsync("GET"u8.ToArray());
        await serving.WaitAsync(Patience.Limit);
        read.ShouldBe("GET");
        _silent.ShouldBe(0);
    }

    private Task ServeAsync(ConnectionDelegate next) =>
        new FirstByteTimeout(s_limit, () => _silent++, _time)
            .Before(next)(new DefaultConnectionContext { Transport = new Transport(_input.Reader, new Pipe().Writer) });

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
