using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>One consumer's wish for a key, and what becomes of it.</summary>
/// <param name="key">What it is for.</param>
/// <param name="consumer">Who wants it; <see langword="null"/> for the gateway itself.</param>
/// <param name="onEnded">
/// Called once where upstream takes back what was granted. Under the hub's lock: it must be brief and not call the hub.
/// </param>
internal sealed class Lease(HubKey key, HubConsumer? consumer = null, Action<BrokerCode>? onEnded = null)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HubKey Key => key;

    /// <summary>Who wants it; <see langword="null"/> for the gateway itself.</summary>
    public HubConsumer? Consumer => consumer;

    /// <summary>How far it has come.</summary>
    public LeaseState State { get; private set; }

    /// <summary>Why it was refused; <see langword="null"/> where it was not.</summary>
    public BrokerCode? Refusal { get; private set; }

    /// <summary>Which of the consumer's limits it was refused by; <see langword="null"/> where it was upstream, or nothing.</summary>
    public ConsumerLimit? Limit { get; private set; }

    /// <summary>Completes when it is granted or refused.</summary>
    public Task Answered => _answered.Task;

    public void Grant()
    {
        State = LeaseState.Granted;
        _answered.TrySetResult();
    }

    /// <summary>Upstream does not give the key, or not any more.</summary>
    public void End(BrokerCode code)
    {
        var wasGranted = State == LeaseState.Granted;
        State = LeaseState.Over;
        if (wasGranted)
        {
            onEnded?.Invoke(code);
            return;
        }

        Refusal = code;
        _answered.TrySetResult();
    }

    /// <summary>The consumer may not have it.</summary>
    public void Refuse(BrokerCode code, ConsumerLimit limit)
    {
        Limit = limit;
        End(code);
    }

    /// <summary>The consumer does not want it any more.</summary>
    public void GiveBack()
    {
        State = LeaseState.Over;
        _answered.TrySetResult();
    }
}
