using System.Runtime.CompilerServices;
using KisFeed.Client;
using KisFeed.Session;

namespace KisFeed.Tests.Client;

public sealed class SubscriberListTests
{
    [Fact]
    public void An_ended_subscription_is_detached_from_its_registration()
    {
        var handle = CreateHandle();
        SubscriberList.Of(handle.Registration).Add(handle);
        SubscriberList.End(handle.Registration, new SubscribeTimeoutException("no answer"));
        handle.IsDetached.ShouldBeTrue("otherwise its disposal would release a later registration of the same key");
        handle.Released.Task.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void Passing_a_frame_to_the_subscriptions_does_not_allocate()
    {
        var list = new SubscriberList();
        list.Add(CreateHandle());
        list.Write("frame"u8, default, default);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20_000; i++)
            list.Write("frame"u8, default, default);

        // Not zero: a garbage collection in between counts the unused rest of the thread's allocation context as allocated.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000);
    }

    [Fact]
    public void An_error_without_an_awaiter_is_not_an_unobserved_exception()
    {
        var unobserved = new List<Exception>();
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            if (e.Exception.InnerException is SubscribeTimeoutException)
                unobserved.Add(e.Exception);
        }

        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            EndWithoutAwaiter();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            unobserved.ShouldBeEmpty();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EndWithoutAwaiter()
    {
        var handle = CreateHandle();
        SubscriberList.Of(handle.Registration).Add(handle);
        SubscriberList.End(handle.Registration, new SubscribeTimeoutException("no answer"));
    }

    private static SubscriptionHandle CreateHandle() =>
        new(null!, new Registration(IndexTrade.Feed.Schema, "0001"), new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest));
}
