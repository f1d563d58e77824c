using System.Runtime.CompilerServices;

namespace KisFeed.TestSupport;

/// <summary>
/// How long a test waits before it fails. Generous, because a passing test never waits that long, and a
/// busy machine may be ten times as slow.
/// </summary>
internal static class Patience
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_longPause = TimeSpan.FromSeconds(1);

    public static TimeSpan Limit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Polls a condition until it holds.</summary>
    public static Task UntilAsync(
        Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "", TimeSpan? limit = null) =>
        UntilAsync(() => Task.FromResult(condition()), text, limit);

    /// <summary>Reads a value repeatedly until it meets a condition, and returns it.</summary>
    public static async Task<T> UntilAsync<T>(
        Func<Task<T>> readAsync, Func<T, bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        var value = await readAsync();
        await UntilAsync(async () => condition(value) || condition(value = await readAsync()), text);
        return value;
    }

    /// <summary>Polls an asynchronous condition until it holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="text">What the failure reports.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="isCostly">Whether checking the condition costs so much processor time that it is checked only once a second.</param>
    public static async Task UntilAsync(
        Func<Task<bool>> condition,
        [CallerArgumentExpression(nameof(condition))] string text = "",
        TimeSpan? limit = null,
        bool isCostly = false)
    {
        using var timeout = new CancellationTokenSource(limit ?? Limit);
        while (!await condition())
        {
            timeout.IsCancellationRequested.ShouldBeFalse($"the condition did not become true: {text}");
            await Task.Delay(isCostly ? s_longPause : s_pause, CancellationToken.None);
        }
    }
}
