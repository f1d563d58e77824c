using System.Runtime.CompilerServices;

namespace KisFeed.Testing;

/// <summary>How long a test waits for what must happen before it fails: generous, because it is never reached when all is well.</summary>
internal static class Patience
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Waits for what can only be looked at.</summary>
    public static Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") => UntilAsync(() => Task.FromResult(condition()), text);

    /// <summary>Waits for what has to be asked for.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        using var patience = new CancellationTokenSource(Limit);
        while (!await condition())
        {
            patience.IsCancellationRequested.ShouldBeFalse($"has not become true: {text}");
            await Task.Delay(s_pause, CancellationToken.None);
        }
    }
}
