using System.Collections.Concurrent;
using KisFeed.Gateway.Tests.Web;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>The scopes of the web server hold the paths of requests, which name keys and HTS IDs: they do not reach the log.</summary>
public sealed class LogScopeTests
{
    [Fact]
    public async Task Requests_and_connections_open_no_scopes_in_the_log()
    {
        using var log = new ScopeRecorder();
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { LoggerFactory = log });

        (await testGateway.GetAsync("/v1/last/index/MYHTSID")).Status.ShouldBe(404);

        log.Lines.ShouldBeGreaterThan(0);
        log.Scopes.ShouldBeEmpty();
    }

    private sealed class ScopeRecorder : ILoggerFactory, ILogger
    {
        private int _lines;

        public ConcurrentQueue<string> Scopes { get; } = [];

        public int Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Scopes.Enqueue($"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Interlocked.Increment(ref _lines);

        public void Dispose()
        {
            // It holds nothing.
        }
    }
}
