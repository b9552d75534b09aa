// The signatures of Unity's Inference Engine 2 that samples/unity_onnx uses.
using System;
using UnityEngine;

namespace Unity.InferenceEngine
{
    public sealed class ModelAsset : UnityEngine.Object { }

    public sealed class Model { }

    public enum BackendType { CPU, GPUCompute, GPUPixel }

    public static class ModelLoader { public static Model Load(ModelAsset modelAsset) { return null; } }

    public struct TensorShape
    {
        public TensorShape(int d0, int d1, int d2) { }
    }

    public abstract class Tensor : IDisposable { public void Dispose() { } }

    public sealed class Tensor<T> : Tensor
    {
        public Tensor(TensorShape shape, bool clearOnInit = true) { }
        public void Upload(T[] srcData) { }
        public T[] DownloadToArray() { return new T[0]; }
    }

    public sealed class Worker : IDisposable
    {
        public Worker(Model model, BackendType backendType) { }
        public void SetInput(string name, Tensor inputTensor) { }
        public void Schedule() { }
        public Tensor PeekOutput(string name) { return null; }
        public void CopyOutput(string name, ref Tensor tensor) { }
        public void Dispose() { }
    }
}
